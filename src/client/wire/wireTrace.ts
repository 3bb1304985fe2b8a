import { isFrame } from '../../protocol/frames.ts';
import { redactText } from '../../protocol/redaction.ts';
import { withoutUrlSecrets } from '../../protocol/urlSecrets.ts';
import { readToken } from '../../protocol/tokens.ts';
import type { Bearer, TraceEvent } from '../contract.ts';
import type { ClientSettings } from '../settings.ts';
import type { Socket } from './socket.ts';

/** Tells one step of the wire trace of a socket, its secrets redacted; costs next to nothing where nobody listens. */
export function traceStep(
  { trace, place, secrets }: ClientSettings,
  socket: Socket | undefined,
  event: Omit<TraceEvent, 'atMs' | 'connection' | 'url'>,
): void {
  if (trace === undefined) return;
  const atMs = performance.timeOrigin + performance.now();
  const text = event.text === undefined ? {} : { text: secrets.hide(redactText(event.text)) };
  const reason = event.reason === undefined ? {} : { reason: secrets.hide(event.reason) };
  const bearer = event.kind === 'sent' ? bearerOf(event.text ?? '') : undefined;
  const who = bearer === undefined ? {} : { bearer };
  trace({
    atMs,
    connection: socket?.number ?? 0,
    url: withoutUrlSecrets(place.url),
    ...event,
    ...text,
    ...who,
    ...reason,
  });
}

/** Returns the owner of the token in an `authenticate`: the token itself is redacted. */
function bearerOf(text: string): Bearer | undefined {
  if (!text.includes('authenticate')) return undefined;
  const claims = readToken(tokenIn(text));
  if (claims === undefined) return undefined;
  const { userId, actions, networks, deviceTypes } = claims;
  return { userId, actions, networks, deviceTypes };
}

function tokenIn(text: string): string {
  try {
    const frame: unknown = JSON.parse(text);
    return isFrame(frame) && frame['action'] === 'authenticate' ? String(frame['token']) : '';
  } catch {
    return '';
  }
}
