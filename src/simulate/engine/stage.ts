import type { Links } from '../../client/index.ts';
import type { Failure } from '../../errors.ts';
import { saidBy } from '../measure/errorTable.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { Plan, PlanClock, Shard } from '../plan/index.ts';
import type { RunClock } from './clock.ts';
import { RecentIds } from './recentIds.ts';
import type { Talk } from './operators/talk.ts';
import { CallingAlarm, Wheel } from './wheel.ts';

/** The plan, the shard and the means that a run is played with. */
export interface StageOptions {
  readonly plan: Plan;
  /** Which devices and events of the plan are played by this run, on whatever machines. */
  readonly shard: Shard;
  /** Which part of them this process plays. */
  readonly part: Shard;
  readonly links: Links;
  readonly recorder: Recorder;
  readonly clock: RunClock;
  /** 0 ≤ value < 1; for the jitter of pauses, which no payload depends on. */
  readonly random: () => number;
  /** Called at the first thing that makes the run pointless: a device that may not be registered, say. */
  readonly abort: (error: unknown) => void;
}

/**
 * As many requests may wait for their replies: more would fill the memory of this process when a server stops
 * answering.
 */
const mostInFlight = 100_000;

/** Knows the commands that the operators of this process have sent. */
interface SentHere {
  /** A device of this process has received a command. Returns what is known of it, if it was sent here. */
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
  /** Commands that devices have received lately. */
  readonly seen: RecentIds;
  /** The commands sent by the operators of this process; undefined where it has no operators. */
  sentHere: SentHere | undefined;
  /** No socket is opened again. */
  isClosing = false;
  /** The plan's time is over: nothing new falls due. */
  isOver = false;
  /** The last ms of the plan's clock on which anything falls due. */
  lastPlanMs = Infinity;
  /** Devices, and operators, that could not yet send all that was due before the end. */
  owing = 0;
  /** Answers to commands that are not complete. */
  answering = 0;
  /** Requests that wait for a connection. */
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

  /** Whether the plan's clock runs. */
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
   * A time of the plan's clock by the clock of this process, and the other way round; before the start the plan's clock
   * stands at 0.
   */
  timeOf(planMs: number): number {
    return (this.#beganMs ?? Infinity) + planMs;
  }

  planMsOf(timeMs: number): number {
    return this.#beganMs === undefined ? 0 : Math.max(timeMs - this.#beganMs, 0);
  }

  /** Ms since 1970 by the server's clock, of a time of this process. */
  serverMsOf(timeMs: number): number {
    return timeMs + this.serverAheadMs;
  }

  /** Calls back once; the function that comes back cancels. */
  schedule(afterMs: number, run: () => void): () => void {
    const once = new CallingAlarm(run);
    this.wheel.set(once, this.nowMs + afterMs);
    return () => this.wheel.cancel(once);
  }

  /** Whether a device may send something new; one that may not is called again. */
  mayNotify(device: Held): boolean {
    if (this.recorder.inFlight < mostInFlight) return true;
    if (this.#held.push(device) === 1) this.#releaseLater();
    return false;
  }

  /** Whether as many requests wait as memory is meant for, for their replies or for a connection. */
  get isFull(): boolean {
    return this.recorder.inFlight + this.kept >= mostInFlight;
  }

  #releaseLater(): void {
    this.schedule(10, () => {
      if (this.recorder.inFlight >= mostInFlight) return this.#releaseLater();
      for (const device of this.#held.splice(0)) device.release();
    });
  }

  /** A failure, for the table of errors. */
  tell(failure: Failure): void {
    this.recorder.fail(failure.kind, failure.code, saidBy(failure));
  }
}
