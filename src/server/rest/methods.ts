import { httpAnswer } from '../wire/door.ts';
import { errorAnswer, type RestAnswer } from './answers.ts';
import { accepts } from './negotiation.ts';
import type { RestRoute } from './route.ts';
import type { FoundPath } from './router.ts';

/** Returns the route for a method; HEAD counts as GET. */
export function routeFor(method: string | undefined, { routes }: FoundPath): RestRoute | undefined {
  return routes.get(method === 'HEAD' ? 'GET' : (method ?? ''));
}

/**
 * Returns the answer of the plugin service, which has no plugins. Preflights succeed, so that browsers get to see it.
 */
export function noPlugins(method: string | undefined): RestAnswer {
  if (method === 'OPTIONS') return httpAnswer(200, '', { Allow: 'OPTIONS' });
  return errorAnswer({ code: 404, text: 'This embedded server has no plugins' });
}

/** Returns the answer for a path that exists, but not with this method. */
export function notAllowed(found: FoundPath): RestAnswer {
  const answer = errorAnswer({ code: 405, text: 'HTTP 405 Method Not Allowed' });
  return { ...answer, headers: { ...answer.headers, Allow: methodsOf(found) } };
}

const wadl = 'application/vnd.sun.wadl+xml';

/** Returns the answer to OPTIONS: preflights, and questions about a path's methods (PROTOCOL.md 10). */
export function options(found: FoundPath, accept: string | undefined, url: string): RestAnswer {
  const headers = { Allow: methodsOf(found) };
  if (!accepts(accept, wadl)) return httpAnswer(200, '', headers);
  return httpAnswer(200, describedAsWadl(found, url), { ...headers, 'Content-Type': wadl });
}

function methodsOf({ routes }: FoundPath): string {
  const methods = [...routes.keys()];
  return [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
}

/** Returns a minimal WADL document that lists a path's methods. */
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
