import { Failure } from '../../errors.ts';
import { namesNoPath, webSocketOfRest, withoutWrapping } from '../../protocol/serverPlaces.ts';
import { withoutUrlSecrets } from '../../protocol/urlSecrets.ts';
import { cutText } from '../terminal/safeText.ts';
import type { Io } from '../terminal/io.ts';

/**
 * A URL as it is used: with a path exactly as given; the address of a REST API stands for the WebSocket of its server,
 * which a note says. Throws a usage `Failure`.
 */
export function normalUrl(text: string, at: string, io?: Io): string {
  refuseWrapped(text, at);
  const meant = webSocketOfRest(text);
  if (meant !== undefined) {
    io?.note(`${at} names the REST API of a server; its WebSocket is used: ${shownUrl(normalUrl(meant, at))}`);
    return normalUrl(meant, at);
  }
  const refuse = (what: string, hint: string) => new Failure('usage', `${at} ${what}: '${shownUrl(text)}'`, { hint });
  if (!/^wss?:\/\//i.test(text)) throw wrongScheme(text, refuse);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refuse('is no URL', 'Write ws://host:port or wss://host.');
  if (url.username !== '' || url.password !== '')
    throw refuse('must not hold a login', 'Use DEVICEHIVE_LOGIN and DEVICEHIVE_PASSWORD_FILE, or a token.');
  if (url.hash !== '') throw refuse('must not have a fragment (#…)', 'Leave the part from # on away.');
  return namesNoPath(text) ? `${url.protocol}//${url.host}` : text;
}

/** Refuses quotes and blanks around a URL: a shell removes them, files of variables and copied texts keep them. */
function refuseWrapped(text: string, at: string): void {
  const bare = withoutWrapping(text);
  if (bare === text && !/\s/.test(text)) return;
  const [what, hint] =
    bare === text
      ? ['holds a blank', 'Write ws://host:port; a blank in its path is %20.']
      : ['has quotes or blanks around it', `Write it without them: ${shownUrl(bare)}`];
  throw new Failure('usage', `${at} ${what}`, { hint });
}

/** A URL as it may be shown: without what looks like a login, or like a secret in its query. */
export function shownUrl(text: string): string {
  return cutText(withoutUrlSecrets(text.replace(/^([a-z]+:\/\/)?[^/@]*@/i, '$1***@')), 120);
}

function wrongScheme(text: string, refuse: (what: string, hint: string) => Failure): Failure {
  const shown = shownUrl(text);
  const web = /^(http)(s?):\/\//i.exec(text);
  if (web !== null)
    return refuse('must be a WebSocket URL', `Write ws${(web[2] ?? '').toLowerCase()}://${shown.slice(web[0].length)}`);
  const rest = shown.replace(/^[a-z]*:\/\//i, '');
  const place = rest === '' || rest.startsWith('/') ? 'host:port' : rest;
  return refuse('must start with ws:// or wss://', `Write ws://${place}`);
}
