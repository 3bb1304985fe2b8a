import { setFlagsFromString } from 'node:v8';
import { fleetOfLinks, type LinkOptions } from '../../../../client/index.ts';
import type { Failure } from '../../../../errors.ts';
import {
  systemRunClock,
  Run,
  bundleVersion,
  Recorder,
  type Snapshot,
  type Plan,
  type Shard,
  type Measured,
} from '../../../../simulate/index.ts';

/** The measurements of a run, without the facts that only the command knows. */
export type MeasuredByRun = Omit<Measured, 'command' | 'plan' | 'url' | 'startedAt' | 'durationMs'>;

/** The end of a run. */
export interface Finished {
  readonly measured: MeasuredByRun;
  /** How many devices this run created and could not remove. */
  readonly left: number;
}

/** A plan being played, in one process or several; call its methods in the order of `Run`. */
export interface Playing {
  readonly deviceCount: number;
  /** How many devices were up before the end; known when `begin` has settled. */
  readonly upCount: number;
  readonly hasRamp: boolean;
  readonly over: Promise<void>;
  /** The failure of a process that died and so ended the run early. */
  readonly loss: Failure | undefined;
  prepare(): Promise<void>;
  /** The earliest time at which the plan's clock can start, in ms since 1970. */
  soonestMs(): number;
  begin(originMs: number): Promise<void>;
  stop(): void;
  /** Lets requests in flight finish, removes the devices of this run if wanted, and ends. */
  finish(limits: FinishLimits): Promise<Finished>;
  /** Limits the wait for requests in flight to this time from now on. */
  hurry(atMostMs: number): void;
  snapshot(): Snapshot | undefined;
}

/** The limits for ending a run; times in ms. */
export interface FinishLimits {
  readonly drainMs: number;
  readonly cleansUp: boolean;
}

/** How long removing devices may take, in ms. */
const cleanUpMs = 60_000;

/** The input for playing a part of a run. */
export interface PlayedPart {
  readonly plan: Plan;
  readonly shard: Shard;
  readonly part: Shard;
  readonly options: LinkOptions;
  readonly retries: number;
}

/**
 * How far the heap of old objects may grow, in per cent, before V8 collects garbage. By default it may double, and
 * connecting ten thousand devices leaves much garbage.
 */
const heapGrowingPercent = 20;

/** Plays a plan, or a part of it, in this process. */
export async function playHere({ plan, shard, part, options, retries }: PlayedPart): Promise<Playing> {
  const { fleetLinks } = await fleetOfLinks();
  setFlagsFromString(`--heap-growing-percent=${heapGrowingPercent}`);
  const { connections, maxLoopDelayMs, maxSendLagMs, forMs } = plan.load;
  const recorder = new Recorder({ maxLoopDelayMs, maxSendLagMs }, forMs);
  const run = new Run({
    plan,
    shard,
    part,
    links: fleetLinks(options),
    recorder,
    clock: systemRunClock,
    random: Math.random,
    retries,
    standstillMs: (options.connectTimeoutMs ?? 5000) + (options.timeoutMs ?? 10_000),
    ...(connections === undefined ? {} : { connections: Math.ceil(connections / part.count) }),
  });
  return {
    deviceCount: run.deviceCount,
    get upCount() {
      return run.upCount;
    },
    hasRamp: run.hasRamp,
    over: run.over,
    loss: undefined,
    prepare: () => run.prepare(),
    soonestMs: () => run.soonestMs(),
    begin: (originMs) => run.begin(originMs),
    stop: () => run.stop(),
    hurry: (atMostMs) => run.hurry(atMostMs),
    snapshot: () => recorder.snapshot(),
    finish: async ({ drainMs, cleansUp }) => {
      run.stop();
      await run.drain(drainMs);
      const left = cleansUp ? await run.cleanUp(cleanUpMs) : 0;
      run.close();
      const facts = { seed: plan.seed, devices: run.deviceCount, shards: [shard.index], shardCount: shard.count };
      return { measured: partOf(recorder, facts), left };
    },
  };
}

function partOf(
  recorder: Recorder,
  facts: Pick<Measured, 'seed' | 'devices' | 'shards' | 'shardCount'>,
): MeasuredByRun {
  const unknown = { command: '', plan: '', url: '', startedAt: '', durationMs: 0 };
  const {
    command: _c,
    plan: _p,
    url: _u,
    startedAt: _s,
    durationMs: _d,
    ...part
  } = recorder.bundle({ ...unknown, ...facts });
  return { ...part, version: bundleVersion };
}
