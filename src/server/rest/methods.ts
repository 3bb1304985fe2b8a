import { httpAnswer } from '../wire/door.ts';
import { errorAnswer, type RestAnswer } from './answers.ts';
import { accepts } from './negotiation.ts';
import type { RestRoute } from './route.ts';
import type { FoundPath } from './router.ts';

/** The route for a method; HEAD is as GET, without a body. */
export function routeFor(method: string | undefined, { routes }: FoundPath): RestRoute | undefined {
  return routes.get(method === 'HEAD' ? 'GET' : (method ?? ''));
}

/** There are no plugins here: a browser that asks first whether it may send a request is let through to hear that. */
export function noPlugins(method: string | undefined): RestAnswer {
  if (method === 'OPTIONS') return httpAnswer(200, '', { Allow: 'OPTIONS' });
  return errorAnswer({ code: 404, text: 'This embedded server has no plugins' });
}

/** There is such a path, but not with this method. */
export function notAllowed(found: FoundPath): RestAnswer {
  const answer = errorAnswer({ code: 405, text: 'HTTP 405 Method Not Allowed' });
  return { ...answer, headers: { ...answer.headers, Allow: methodsOf(found) } };
}

const wadl = 'application/vnd.sun.wadl+xml';

/** Answers preflights, and others who ask what there is (PROTOCOL.md 10). */
export function options(found: FoundPath, accept: string | undefined, url: string): RestAnswer {
  const headers = { Allow: methodsOf(found) };
  if (!accepts(accept, wadl)) return httpAnswer(200, '', headers);
  return httpAnswer(200, describedAsWadl(found, url), { ...headers, 'Content-Type': wadl });
}

function methodsOf({ routes }: FoundPath): string {
  const methods = [...routes.keys()];
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

/** The little of a WADL document that tells which methods a path has. */
function describedAsWadl({ path, routes }: FoundPath, url: string): string {
  const methods = [...routes.keys()].map((method) => `<method name="${method}"/>`).join('');
  return (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' +
    `<application xmlns="http://wadl.dev.java.net/2009/02"><resources base="${escaped(url)}">` +
    `<resource path="${escaped(path === '' ? '/' : path)}">${methods}</resource></resources></application>`
  );
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
