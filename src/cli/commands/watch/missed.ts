import { listReader, type AskServer, type Connection } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import type { Frame, PushFrame } from '../../../protocol/frames.ts';
import { parseTimestamp } from '../../../protocol/timestamps.ts';
import type { Io } from '../../terminal/io.ts';
import type { WatchPlan } from './plan.ts';
import { serverNowMs } from './replay.ts';

/** The gap of a subscription, and how much of it to read. */
export interface Unheard {
  readonly connection: Connection;
  readonly subscriptionId: number;
  /** The beginning, in ms since 1970 by the server's clock. */
  readonly sinceMs: number;
  /** The most pushes to read; the last ones count. */
  readonly limit?: number | undefined;
}

/** A replay of at most so many commands is left to the server; a larger one may be too heavy for it. */
const smallReplay = 20;

/**
 * Returns the first subscribe of a watch. Earlier messages are read from lists, unless --timestamp asks for a small
 * replay.
 */
export function firstSubscribe(plan: WatchPlan): Frame {
  return isSmallReplay(plan) ? plan.payload : withoutReplay(plan);
}

/** Returns a subscribe without a replay, for a watch whose past is read from lists. */
export function withoutReplay({ payload }: WatchPlan): Frame {
  if (payload['deviceId'] === undefined) return payload;
  const { timestamp: _timestamp, limit: _limit, ...others } = payload;
  return others;
}

/**
 * Returns the time from which to read lists, in ms since 1970 by the server's clock; undefined if nothing is to be
 * read.
 */
export async function beginningOf(plan: WatchPlan, connection: Connection): Promise<number | undefined> {
  const { payload, since } = plan;
  if (payload['deviceId'] === undefined || isSmallReplay(plan)) return undefined;
  if (since?.kind === 'ago') return (await serverNowMs(connection)) - since.ms;
  const timestamp = since?.timestamp ?? payload['timestamp'];
  return typeof timestamp === 'string' ? parseTimestamp(timestamp) : undefined;
}

/**
 * True for a replay that the server can bear. Each name brings a copy of all (PROTOCOL.md 5.6); notifications have no
 * limit.
 */
function isSmallReplay({ action, payload }: WatchPlan): boolean {
  const { timestamp, limit, names } = payload;
  if (timestamp === undefined || action !== 'command/subscribe') return false;
  const copies = Array.isArray(names) ? Math.max(1, names.length) : 1;
  return (typeof limit === 'number' ? limit : smallReplay) * copies <= smallReplay;
}

/**
 * Yields missed messages as pushes, in order of their insert times. Warns of those that cannot be had. Throws a
 * `Failure` if the connection is lost or the watch is stopped.
 */
export async function* missedPushes(plan: WatchPlan, unheard: Unheard, io: Io): AsyncGenerator<PushFrame, void> {
  const [noun = ''] = plan.action.split('/');
  const action = plan.isUpdates ? 'command/update' : `${noun}/insert`;
  const { deviceId, names } = plan.payload;
  const { connection, subscriptionId, sinceMs, limit } = unheard;
  const ask: AskServer = async (question, payload) => (await connection.request(question, payload)).reply;
  const { missedMessages } = await listReader();
  let kept: PushFrame[] = [];
  try {
    for await (const items of missedMessages(ask, { action, deviceId, names, sinceMs })) {
      const pushes = items.map((item) => ({ action, [noun]: item, subscriptionId }));
      if (limit === undefined) yield* pushes;
      else kept = kept.concat(pushes);
    }
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === 'connect' || error.kind === 'interrupted') throw error;
    io.warn(`pushes may have been lost: ${error.message}`);
  }
  if (limit === undefined || limit <= 0) return;
  if (kept.length > limit) io.note(`--limit leaves out the older ${kept.length - limit} of ${kept.length} ${noun}s`);
  yield* kept.slice(-limit);
}
