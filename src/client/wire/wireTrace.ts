import { redactText } from '../../protocol/redact.ts';
import type { TraceEvent } from '../contract.ts';
import type { Settings } from '../settings.ts';
import type { Socket } from './socket.ts';

/** Tells one step of the wire trace of a socket, its secrets redacted; costs next to nothing where nobody listens. */
export function traceStep(
  { trace, url, secrets }: Settings,
  socket: Socket | undefined,
  event: Omit<TraceEvent, 'atMs' | 'connection' | 'url'>,
): void {
  if (trace === undefined) return;
  const atMs = performance.timeOrigin + performance.now();
  const text = event.text === undefined ? {} : { text: secrets.hide(redactText(event.text)) };
  const reason = event.reason === undefined ? {} : { reason: secrets.hide(event.reason) };
  trace({ atMs, connection: socket?.number ?? 0, url, ...event, ...text, ...reason });
}
