import type { Connection, LinkOptions } from '../../../../client/index.ts';
import { Failure } from '../../../../errors.ts';
import { spokenDuration } from '../../../../protocol/notation/spokenDuration.ts';
import { parseTimestamp } from '../../../../protocol/timestamps.ts';
import { meetingPlace, spokenShards, type AgreedStart, type Plan, type Shard } from '../../../../simulate/index.ts';
import { durationMs } from '../../../terminal/durations.ts';
import type { Io } from '../../../terminal/io.ts';
import { longWait } from '../../../terminal/waiting/longWait.ts';
import { pause } from '../../../terminal/waiting/pause.ts';
import { cutText } from '../../../terminal/safeText.ts';
import type { Playing } from './playedPlan.ts';

/** Flags that say when a run starts. */
export interface RunStartValues {
  readonly startAt?: string;
  readonly startTogether?: boolean;
  readonly startTimeout?: string;
}

/** When the plan's clock starts: when this shard is ready, at a time, or when all shards are ready. */
export type StartRule =
  | { readonly kind: 'ready' }
  | { readonly kind: 'at'; readonly atMs: number }
  | { readonly kind: 'together'; readonly timeoutMs: number };

/** How a run started. */
export interface RunStart extends AgreedStart {
  /** When this shard began, by its own clock; the plan's clock may have started earlier. */
  readonly begunMs: number;
  readonly isLate: boolean;
}

/** A shard that starts later than this after the common start, in ms, is late. */
const lateFromMs = 1000;
/** How long before its start the plan's clock is set, in ms, because timers come late. */
const awakeMs = 50;
/** The longest time of a Node timer, in ms. */
const longestMs = 2 ** 31 - 1;

/**
 * Returns the start that the flags ask for. Throws a usage `Failure` if they contradict each other, or the run would be
 * over already.
 */
export function startRuleOf(values: RunStartValues, { load }: Plan, { count }: Shard): StartRule {
  const { startAt, startTogether = false, startTimeout } = values;
  if (startTimeout !== undefined && !startTogether)
    throw new Failure('usage', '--start-timeout is for --start-together', { hint: 'Add it, or leave both away.' });
  const timeoutMs = durationMs(startTimeout ?? '5m', '--start-timeout');
  if (startAt === undefined) return startTogether && count > 1 ? { kind: 'together', timeoutMs } : { kind: 'ready' };
  if (startTogether)
    throw new Failure('usage', '--start-at and --start-together are two ways to start', { hint: 'Give one of them.' });
  return { kind: 'at', atMs: checkedStart(startAt, load.forMs ?? Infinity) };
}

function checkedStart(text: string, forMs: number): number {
  const atMs = parseTimestamp(text);
  if (atMs === undefined) {
    throw new Failure('usage', `--start-at '${cutText(text)}' is not a time`, {
      hint: `Write it as ${new Date(Date.now() + 60_000).toISOString()}, or in ms since 1970; without a zone it is UTC.`,
    });
  }
  const inMs = atMs - Date.now();
  if (-inMs >= forMs || inMs > longestMs) {
    const why = inMs > 0 ? 'more than 24d away' : `so long ago that the run of ${spokenDuration(forMs)} would be over`;
    throw new Failure('usage', `--start-at ${cutText(text)} is ${why}`, {
      hint: 'Give all shards a time soon to come.',
    });
  }
  return atMs;
}

/** A shard that waits for its start. */
export interface StartingShard {
  readonly playing: Playing;
  readonly plan: Plan;
  readonly digest: string;
  readonly shard: Shard;
  readonly options: LinkOptions;
}

/** A start, and a function that ends the meeting that agreed on it. */
export interface CommonStart {
  readonly start: RunStart;
  readonly leave: (isEnd: boolean) => Promise<void>;
}

/**
 * Waits for the start, and starts the plan's clock. A late shard starts at once on the others' clock. Throws an
 * interrupted `Failure` if a signal comes first.
 */
export async function startBy(rule: StartRule, starting: StartingShard, io: Io): Promise<CommonStart> {
  if (rule.kind === 'ready') {
    const originMs = starting.playing.soonestMs();
    return { start: { originMs, aheadMs: 0, begunMs: originMs, isLate: false }, leave: () => Promise.resolve() };
  }
  if (rule.kind === 'at') {
    const agreed = { originMs: rule.atMs, aheadMs: 0 };
    return { start: await waitFor(agreed, starting.playing, io), leave: () => Promise.resolve() };
  }
  return startTogether(rule.timeoutMs, starting, io);
}

async function startTogether(timeoutMs: number, starting: StartingShard, io: Io): Promise<CommonStart> {
  const { playing, plan, digest, shard, options } = starting;
  const connect = () => connectionFor(options, io);
  const place = await meetingPlace({ plan, digest, shard, timeoutMs, connect });
  try {
    const waits = `waiting for the other shards to be ready, for up to ${spokenDuration(timeoutMs)}`;
    const agreed = await longWait(io, waits, () => Promise.race([place.start(), stopped(playing)]));
    const { absent } = place;
    if (absent.length > 0) {
      const who = spokenShards(absent, shard.count);
      io.warn(`not ready within ${spokenDuration(timeoutMs)}: ${who}; the others start without`);
    }
    return { start: await waitFor(agreed, playing, io), leave: (isEnd) => place.leave(isEnd) };
  } catch (error) {
    await place.leave(false);
    throw error;
  }
}

/** Never resolves. Throws when a signal, or the run's own end, comes before its start. */
async function stopped(playing: Playing): Promise<never> {
  await playing.over;
  throw new Failure('interrupted', beforeStart);
}

const beforeStart = 'stopped before the common start';

async function waitFor(agreed: AgreedStart, playing: Playing, io: Io): Promise<RunStart> {
  const { originMs } = agreed;
  const at = new Date(originMs + agreed.aheadMs).toISOString();
  const waitMs = originMs - playing.soonestMs() - awakeMs;
  if (waitMs > 0) {
    const wait = () => Promise.race([pause(waitMs, io.signal, beforeStart), stopped(playing)]);
    await longWait(io, `waiting for the common start at ${at}`, wait);
  }
  const begunMs = Math.max(originMs, Date.now());
  const isLate = begunMs - originMs > lateFromMs;
  if (isLate) io.warn(`late: this shard starts ${spokenDuration(begunMs - originMs)} after the common start at ${at}`);
  return { ...agreed, begunMs, isLate };
}

/** Opens a connection for the meeting, separate from those of the devices. */
async function connectionFor(options: LinkOptions, io: Io): Promise<Connection> {
  const { connect } = await import('../../../../client/index.ts');
  const { localAddresses: _addresses, maxOpening: _opening, ...own } = options;
  return connect({ ...own, signal: io.signal });
}
