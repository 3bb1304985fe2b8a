import { connect } from '../../src/client/connection.ts';
import type { AskServer } from '../../src/client/lists/index.ts';
import type { Frame } from '../../src/protocol/frames.ts';
import { parseTimestamp } from '../../src/protocol/timestamps.ts';
import type { Seed } from '../../src/server/index.ts';
import { embeddedServer } from '../helpers/embeddedServer.ts';

/**
 * A server whose lists have no order of their own, as the real one's, and that refuses what would stop the real one.
 */
export interface Asked extends AsyncDisposable {
  readonly ask: AskServer;
  /** Every question so far. */
  readonly asked: readonly Frame[];
  /** The bytes of the heaviest reply so far. */
  readonly heaviest: () => number;
}

/** Starts such a server with this content, and a client of it. */
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

/** Everything that pages bring. */
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

/** Asks a list of messages in memory, cut as DeviceHive cuts it: in any order, before it is sorted. */
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
