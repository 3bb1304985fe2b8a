import { setMaxListeners } from 'node:events';
import type { ConnectOptions } from './contract.ts';
import { settingsOf } from './settings.ts';
import { openSocket, type Socket, type SocketListener } from './wire/socket.ts';
import { traceStep } from './wire/wireTrace.ts';

/** The output of a channel; `end` sends a close frame and drops the connection without waiting for the server. */
export interface Channel {
  send(text: string): void;
  sendBinary(bytes: Uint8Array): void;
  end(): void;
}

/**
 * Opens a bare WebSocket for examining a server: it sends exactly what it is given, right or wrong, and reports all
 * that comes. Nothing is matched, authenticated, diagnosed or repeated. Throws a `Failure`: `connect`, `usage` or
 * `interrupted`; once it is open, the signal does nothing.
 */
export async function openChannel(
  options: Omit<ConnectOptions, 'credentials'>,
  listener: SocketListener,
): Promise<Channel> {
  const settings = settingsOf(options, {});
  if (settings.signal !== undefined) setMaxListeners(0, settings.signal);
  const socket: Socket = await openSocket(settings, {
    onText: (text) => {
      traceStep(settings, socket, { kind: 'received', text });
      listener.onText(text);
    },
    onBinary: (byteLength) => listener.onBinary(byteLength),
    onClosed: (closed) => {
      traceStep(settings, socket, { kind: 'closed', ...closed });
      listener.onClosed(closed);
    },
  });
  traceStep(settings, socket, { kind: 'opened' });
  return {
    send: (text) => {
      traceStep(settings, socket, { kind: 'sent', text });
      socket.send(text);
    },
    sendBinary: (bytes) => socket.sendBinary(bytes),
    end: () => socket.end(),
  };
}
