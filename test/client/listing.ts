import { connect } from '../../src/client/connection.ts';
import type { AskServer } from '../../src/client/lists/index.ts';
import type { Frame } from '../../src/protocol/frames.ts';
import { parseTimestamp } from '../../src/protocol/timestamps.ts';
import type { Seed } from '../../src/server/index.ts';
import { embeddedServer } from '../helpers/embeddedServer.ts';

/**
 * A server that returns lists in random order, as the real one may, and refuses what would stop that one; with a
 * client.
 */
export interface Asked extends AsyncDisposable {
  readonly ask: AskServer;
  /** Every request for a list so far. */
  readonly asked: readonly Frame[];
  /** Returns the size of the largest reply so far, in bytes. */
  readonly heaviest: () => number;
}

/** Starts such a server with this content, and a client for it. */
export async function askingServer(seed: Seed): Promise<Asked> {
  const server = await embeddedServer({ seed, arbitraryOrder: true, strict: true });
  const connection = await connect({ url: server.url, credentials: { accessToken: server.accessToken } });
  const asked: Frame[] = [];
  const bytes: number[] = [];
  const ask: AskServer = async (action, payload) => {
    asked.push({ action, ...payload });
    const { reply, text } = await connection.request(action, payload);
    bytes.push(Buffer.byteLength(text));
    return reply;
  };
  const dispose = async () => {
    await connection.close();
    await server.close();
  };
  return { ask, asked, heaviest: () => Math.max(...bytes), [Symbol.asyncDispose]: dispose };
}

/** Collects the items of all pages. */
export async function allOf(pages: AsyncIterable<readonly unknown[]>): Promise<Frame[]> {
  const found: Frame[] = [];
  for await (const items of pages) for (const item of items) found.push(item as Frame);
  return found;
}

export function numbered<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index));
}

export function idsOf(items: readonly Frame[]): unknown[] {
  return items.map(({ id }) => id);
}

/** Answers a request for messages from memory, cutting before sorting as DeviceHive does. */
export function askOf(messages: readonly Frame[], asked: Frame[] = []): AskServer {
  return (action, payload) => {
    asked.push({ action, ...payload });
    const [start, end] = [timeOf(payload['start']) ?? -Infinity, timeOf(payload['end']) ?? Infinity];
    const found = messages.filter(({ timestamp }) => {
      const ms = timeOf(timestamp) ?? NaN;
      return ms >= start && ms <= end;
    });
    const skip = Number(payload['skip'] ?? 0);
    const commands = found.toSorted(() => Math.random() - 0.5).slice(skip, skip + Number(payload['take']));
    return Promise.resolve({ action, status: 'success', commands });
  };
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseTimestamp(value) : undefined;
}
