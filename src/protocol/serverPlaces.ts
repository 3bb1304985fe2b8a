/** Where DeviceHive serves its WebSocket: in a plain run, and in a Docker installation (PROTOCOL.md 1.1). */
const knownPaths = ['/dh/websocket', '/api/websocket'] as const;

/** Services of a Docker installation that have no WebSocket of DeviceHive beside their REST API (PROTOCOL.md 1.1). */
const otherServices: ReadonlySet<string> = new Set(['/auth', '/plugin']);

/** Returns whether a URL names only a server, and no path or query. The text must be a URL. */
export function namesNoPath(url: string): boolean {
  const { pathname, search } = new URL(url);
  return pathname === '/' && search === '';
}

/**
 * Returns the URLs at which the server of a WebSocket URL may be: the very URL, or the known places where it has no
 * path.
 */
export function placesOf(url: string): readonly string[] {
  if (!namesNoPath(url)) return [url];
  const { protocol, host } = new URL(url);
  return knownPaths.map((path) => `${protocol}//${host}${path}`);
}

/**
 * Returns whether two WebSocket URLs name one server: they are the same, or one has no path and the other is a known
 * place there.
 */
export function isSameServer(one: string, other: string): boolean {
  if (one === other) return true;
  if (!URL.canParse(one) || !URL.canParse(other)) return false;
  const [few, many] = namesNoPath(one) ? [other, one] : [one, other];
  return namesNoPath(many) && (placesOf(many).includes(few) || new URL(few).href === new URL(many).href);
}

/**
 * Returns the WebSocket URL of the server that has its REST API at an `http` or `https` URL; undefined where that is
 * none of DeviceHive's.
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
