import type { Frame } from '../../../../protocol/frames.ts';
import type { TraceMoment } from '../moments.ts';

/** The most items, of up to 25 KiB each, in a reply that every server's bus can carry (PROTOCOL.md 7 Q43). */
export const harmlessItems = 20;

/** How many items recorded replies and subscriptions brought, by the lines of their requests. */
export class RecordedSizes {
  readonly #items = new Map<number, number>();
  readonly #subscriptions = new Map<string, number>();

  note(moment: TraceMoment): void {
    if (moment.kind === 'reply') {
      const { frame, request, connection } = moment;
      const list = Object.values(frame).find((part) => Array.isArray(part));
      this.#items.set(request.line, list?.length ?? 0);
      if ('subscriptionId' in frame) this.#subscriptions.set(keyOf(connection, frame), request.line);
    } else if (moment.kind === 'push') {
      const line = this.#subscriptions.get(keyOf(moment.connection, moment.frame));
      if (line !== undefined) this.#items.set(line, (this.#items.get(line) ?? 0) + 1);
    }
  }

  /**
   * Returns the payload of the request in this line, limited to one item more than the recording shows: enough to see a
   * difference, without asking a fuller server for everything.
   */
  cut(line: number, payload: Frame): Frame {
    const most = Math.max(harmlessItems, (this.#items.get(line) ?? 0) + 1);
    const { take, limit } = payload;
    return {
      ...payload,
      ...(Number(take) > most ? { take: most } : {}),
      ...(Number(limit) > most ? { limit: most } : {}),
    };
  }
}

function keyOf(connection: number, frame: Frame): string {
  return `${connection} ${JSON.stringify(frame['subscriptionId'])}`;
}
