/** Paths at which DeviceHive serves its WebSocket: run plainly, and installed with Docker (PROTOCOL.md 1.1). */
const knownPaths = ['/dh/websocket', '/api/websocket'] as const;

/** Services of a Docker installation that have a REST API but no DeviceHive WebSocket (PROTOCOL.md 1.1). */
const otherServices: ReadonlySet<string> = new Set(['/auth', '/plugin']);

/** True if a URL names only a server, without path and query. Throws where the text is not a URL. */
export function namesNoPath(url: string): boolean {
  const { pathname, search } = new URL(url);
  return pathname === '/' && search === '';
}

/** Returns the URLs to try for a WebSocket URL: the URL itself, or the known paths where it names none. */
export function placesOf(url: string): readonly string[] {
  if (!namesNoPath(url)) return [url];
  const { protocol, host } = new URL(url);
  return knownPaths.map((path) => `${protocol}//${host}${path}`);
}

/**
 * True if two WebSocket URLs name one server: they are equal, or one has no path and the other is at a known path of
 * the same host.
 */
export function isSameServer(one: string, other: string): boolean {
  if (one === other) return true;
  if (!URL.canParse(one) || !URL.canParse(other)) return false;
  const [few, many] = namesNoPath(one) ? [other, one] : [one, other];
  return namesNoPath(many) && (placesOf(many).includes(few) || new URL(few).href === new URL(many).href);
}

/**
 * Returns the WebSocket URL of the server whose REST API is at an `http` or `https` URL; undefined where the URL is not
 * that of a DeviceHive REST API.
 */
export function webSocketOfRest(url: string): string | undefined {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined;
  const { protocol, host, pathname, username, password } = new URL(url);
  const context = /^(.*?)\/rest(?:\/.*)?$/.exec(pathname)?.[1];
  if (context === undefined) return undefined;
  const login = username === '' && password === '' ? '' : `${username}:${password}@`;
  const path = context === '' || otherServices.has(context) ? '' : `${context}/websocket`;
  return `${protocol.replace('http', 'ws')}//${login}${host}${path}`;
}

/** Returns a URL without the quotes, brackets, blanks and invisible characters that copying left around it. */
export function withoutWrapping(text: string): string {
  return text.replace(/^[\s"'`<“”‘’«\u200b]+/, '').replace(/[\s"'`>“”‘’»\u200b]{1,100}$/, '');
}
