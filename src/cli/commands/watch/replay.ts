import type { Connection } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import { isFrame, type PushFrame } from '../../../protocol/frames.ts';

/** How long DeviceHive keeps commands and notifications, in ms (PROTOCOL.md 6.9). */
export const keptMs = 120_000;
/** How long before the last push a replay begins, in ms, because pushes of one moment may come in any order. */
const slackMs = 1000;
/** How late a connection that died without notice is found at most, in ms: keep-alive asks after 30 s, ten times. */
const unnoticedMs = 45_000;
/** A process whose ticks are this far apart, in ms, was asleep in between, as a closed laptop is. */
const asleepMs = 30_000;

/** Returns the server's time in ms since 1970, or this machine's if the server does not say. */
export async function serverNowMs(connection: Connection): Promise<number> {
  try {
    const { reply } = await connection.request('server/info', {});
    const info: unknown = reply['info'];
    return (isFrame(info) ? timeMs(info['serverTimestamp']) : undefined) ?? Date.now();
  } catch (error) {
    if (error instanceof Failure && error.kind === 'refused') return Date.now();
    throw error;
  }
}

/** Returns a time as DeviceHive writes it: UTC, without a zone (PROTOCOL.md 6.1). */
export function timestampOf(ms: number): string {
  return new Date(Math.max(ms, 0)).toISOString().slice(0, -1);
}

function timeMs(timestamp: unknown): number | undefined {
  if (typeof timestamp !== 'string') return undefined;
  const ms = Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(timestamp) ? timestamp : `${timestamp}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Returns the time of a push by the server's clock, in ms since 1970: of the last update, or of the insert. */
export function momentOf(push: PushFrame): number | undefined {
  const resource = push['command'] ?? push['notification'];
  if (!isFrame(resource)) return undefined;
  return timeMs(push.action === 'command/update' ? resource['lastUpdated'] : resource['timestamp']);
}

/** The time from which to ask a server after a gap, and the longest time without pushes. */
export interface Gap {
  /** Server's time in ms since 1970. */
  readonly fromMs: number;
  readonly lengthMs: number;
}

/** Remembers how far a watch has come. Times are this machine's, except those that the server gives. */
export class WatchProgress {
  readonly #startedAtMs: number;
  #heardAtMs: number;
  /** The time of the newest push, by the server's clock. */
  #newestMs: number | undefined;
  #hasPushes = false;
  #tickAtMs: number;
  #asleepFromMs: number | undefined;

  constructor(nowMs: number) {
    this.#startedAtMs = nowMs;
    this.#heardAtMs = nowMs;
    this.#tickAtMs = nowMs;
  }

  /** Notes a new connection, which brings everything from now on. */
  resumed(nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.#asleepFromMs = undefined;
  }

  /** Call it every few seconds, to show that the process runs. */
  tick(nowMs: number): void {
    if (nowMs - this.#tickAtMs > asleepMs) this.#asleepFromMs ??= this.#tickAtMs;
    this.#tickAtMs = nowMs;
  }

  saw(push: PushFrame, nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.#hasPushes = true;
    const momentMs = momentOf(push);
    if (momentMs !== undefined) this.#newestMs = Math.max(this.#newestMs ?? 0, momentMs);
  }

  /** Returns the gap. Senders may date commands freely, so times outside of the watch so far are ignored. */
  gap(lostAtMs: number, nowMs: number, serverAheadMs: number): Gap {
    this.tick(nowMs);
    const awakeUntilMs = this.#asleepFromMs ?? lostAtMs;
    const earliestMs = this.#startedAtMs + serverAheadMs;
    const latestMs = (this.#hasPushes ? this.#heardAtMs : this.#startedAtMs) + serverAheadMs;
    const fromMs = Math.max(Math.min(this.#newestMs ?? latestMs, latestMs), earliestMs) - slackMs;
    return { fromMs, lengthMs: nowMs - Math.max(this.#heardAtMs, awakeUntilMs - unnoticedMs) };
  }
}
