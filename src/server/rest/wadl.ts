import type { Found } from './router.ts';

/** The little of a WADL document that tells which methods a path has. */
export function describedAsWadl({ path, routes }: Found, base: string): string {
  const methods = [...routes.keys()].map((method) => `<method name="${method}"/>`).join('');
  return (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' +
    `<application xmlns="http://wadl.dev.java.net/2009/02"><resources base="${escaped(base)}">` +
    `<resource path="${escaped(path === '' ? '/' : path)}">${methods}</resource></resources></application>`
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
