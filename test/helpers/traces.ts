import type { Frame } from '../../src/protocol/frames.ts';

/**
 * An entry of a trace: a frame on a connection, or the connection's beginning or end. `afterMs` counts from the entry
 * before.
 */
export interface Entry {
  readonly kind: 'opened' | 'sent' | 'received' | 'closed';
  readonly frame?: Frame;
  readonly connection?: number;
  /** For an `authenticate`: whose token it carries. */
  readonly bearer?: Frame;
  readonly afterMs?: number;
}

/** Returns an entry for a request of the recorded client. */
export function sent(frame: Frame, connection = 1): Entry {
  return { kind: 'sent', frame, connection };
}

/** Returns an entry for a reply or a push. */
export function received(frame: Frame, connection = 1): Entry {
  return { kind: 'received', frame, connection };
}

/**
 * Returns the text of a trace file with these entries, as `--trace-file` writes it. The first connection opens before
 * them and closes after them.
 */
export function traceText(entries: readonly Entry[], silenceMs = 0): string {
  let atMs = Date.UTC(2026, 10, 22, 22, 13, 45);
  const all: readonly Entry[] = [{ kind: 'opened' }, ...entries, { kind: 'closed', afterMs: silenceMs }];
  return all
    .map(({ kind, frame, connection = 1, bearer, afterMs = 1 }) => {
      atMs += afterMs;
      const text = frame === undefined ? {} : { text: JSON.stringify(frame) };
      const end = kind === 'closed' ? { code: 1000, reason: '' } : {};
      const url = 'ws://127.0.0.1:1/dh/websocket';
      return `${JSON.stringify({ at: new Date(atMs).toISOString(), connection, kind, url, ...text, bearer, ...end })}\n`;
    })
    .join('');
}
