import type { Links } from '../../client/index.ts';
import type { Failure } from '../../errors.ts';
import { saidBy } from '../measure/errorTable.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { Plan, PlanClock, Shard } from '../plan/index.ts';
import type { RunClock } from './clock.ts';
import { RecentIds } from './recentIds.ts';
import type { Talk } from './operators/talk.ts';
import { CallingAlarm, Wheel } from './wheel.ts';

/** The plan, the shard, and everything else that a run needs. */
export interface StageOptions {
  readonly plan: Plan;
  /** Which devices and events this run plays, in all its processes. */
  readonly shard: Shard;
  /** Which part of them this process plays. */
  readonly part: Shard;
  readonly links: Links;
  readonly recorder: Recorder;
  readonly clock: RunClock;
  /** Returns a number 0 ≤ value < 1, for the jitter of pauses; no payload depends on it. */
  readonly random: () => number;
  /** Called when the run becomes pointless, for example because a device may not be registered. */
  readonly abort: (error: unknown) => void;
}

/** The most requests that may wait for replies: more would fill the memory when a server stops answering. */
const mostInFlight = 100_000;

/** The commands sent by the operators of this process. */
interface SentHere {
  /** Notes that a device of this process has received a command. Returns its talk if it was sent here. */
  received(deviceId: string, id: number): Talk | undefined;
}

/** A sender that waits until it may send again. */
interface Held {
  release(): void;
}

/** The state that all parts of one run in one process share: plan, time, links and measurements. */
export class RunStage {
  readonly plan: Plan;
  readonly shard: Shard;
  readonly part: Shard;
  readonly links: Links;
  readonly recorder: Recorder;
  readonly clock: RunClock;
  readonly random: () => number;
  readonly abort: (error: unknown) => void;
  readonly wheel: Wheel;
  /** Recent commands received by devices. */
  readonly seen: RecentIds;
  /** The commands sent by the operators of this process; undefined without operators. */
  sentHere: SentHere | undefined;
  /** True if no socket is reopened any more. */
  isClosing = false;
  /** True if the plan's time is over: nothing new falls due. */
  isOver = false;
  /** The last ms of the plan's clock at which anything falls due. */
  lastPlanMs = Infinity;
  /** How many devices and operators still have to send something that was due before the end. */
  owing = 0;
  /** How many answers to commands are not complete. */
  answering = 0;
  /** How many requests wait for a connection. */
  kept = 0;
  /**
   * Offset from this process's monotonic clock to the server's clock, in ms since 1970; the local clock's until the
   * server was asked.
   */
  serverAheadMs: number;
  #beganMs: number | undefined;
  #planClock: PlanClock = { originMs: 0 };
  readonly #held: Held[] = [];

  constructor(options: StageOptions) {
    this.plan = options.plan;
    this.shard = options.shard;
    this.part = options.part;
    this.links = options.links;
    this.recorder = options.recorder;
    this.clock = options.clock;
    this.random = options.random;
    this.abort = options.abort;
    this.wheel = new Wheel(options.clock);
    this.seen = new RecentIds(options.clock.nowMs());
    this.recorder.startedAtMs = options.clock.epochMs();
    this.serverAheadMs = options.clock.epochMs() - options.clock.nowMs();
  }

  get nowMs(): number {
    return this.clock.nowMs();
  }

  /** True once the plan's clock runs. */
  get hasBegun(): boolean {
    return this.#beganMs !== undefined;
  }

  /** When the plan's clock began, in ms since 1970. */
  get planClock(): PlanClock {
    return this.#planClock;
  }

  /** Starts the plan's clock: its 0 is `originMs` since 1970. */
  begin(originMs: number): void {
    this.#beganMs = this.nowMs - (this.clock.epochMs() - originMs);
    this.#planClock = { originMs };
    this.recorder.startedAtMs = originMs;
  }

  /**
   * Converts a time of the plan's clock to this process's clock, `planMsOf` the other way round. Before the start the
   * plan's clock stands at 0.
   */
  timeOf(planMs: number): number {
    return (this.#beganMs ?? Infinity) + planMs;
  }

  planMsOf(timeMs: number): number {
    return this.#beganMs === undefined ? 0 : Math.max(timeMs - this.#beganMs, 0);
  }

  /** Converts a time of this process to ms since 1970 by the server's clock. */
  serverMsOf(timeMs: number): number {
    return timeMs + this.serverAheadMs;
  }

  /** Calls back once; the returned function cancels. */
  schedule(afterMs: number, run: () => void): () => void {
    const once = new CallingAlarm(run);
    this.wheel.set(once, this.nowMs + afterMs);
    return () => this.wheel.cancel(once);
  }

  /** Returns whether a device may send something new; if not, its `release` is called later. */
  mayNotify(device: Held): boolean {
    if (this.recorder.inFlight < mostInFlight) return true;
    if (this.#held.push(device) === 1) this.#releaseLater();
    return false;
  }

  /** True if the most requests that memory allows wait for replies or for a connection. */
  get isFull(): boolean {
    return this.recorder.inFlight + this.kept >= mostInFlight;
  }

  #releaseLater(): void {
    this.schedule(10, () => {
      if (this.recorder.inFlight >= mostInFlight) return this.#releaseLater();
      for (const device of this.#held.splice(0)) device.release();
    });
  }

  /** Adds a failure to the table of errors. */
  tell(failure: Failure): void {
    this.recorder.fail(failure.kind, failure.code, saidBy(failure));
  }
}
