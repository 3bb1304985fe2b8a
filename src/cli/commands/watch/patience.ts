import { Tries } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import { spokenDuration } from '../../../protocol/notation/spokenDuration.ts';
import type { Io } from '../../terminal/io.ts';
import type { SteadyClock } from '../../terminal/steadyClock.ts';
import type { WatchPlan } from './plan.ts';
import { keptMs } from './replay.ts';

/** The first pause before a lost connection is made again, in ms. */
const firstMs = 100;

/**
 * A series of losses of a watch's connection, which ends when a connection has lived for a while. It says when to try
 * again, and whether the time for that is over.
 */
export class Losses {
  readonly #reconnectMs: number;
  readonly #clock: SteadyClock;
  readonly #tries = new Tries(firstMs);
  #firstAtMs = 0;
  #count = 0;

  /** `reconnectMs` is the time for trying, Infinity for ever. */
  constructor(reconnectMs: number, clock: SteadyClock) {
    this.#reconnectMs = reconnectMs;
    this.#clock = clock;
  }

  /** How many connections were lost in this series. */
  get count(): number {
    return this.#count;
  }

  connected(nowMs: number): void {
    this.#tries.opened(nowMs);
  }

  /** True if the series is over, because a connection has lived for a while. */
  isOver(nowMs: number): boolean {
    return this.#tries.isSteady(nowMs);
  }

  lost(nowMs: number): void {
    if (this.#tries.lost(nowMs) || this.#count === 0) {
      this.#count = 0;
      this.#firstAtMs = nowMs;
    }
    this.#count++;
  }

  /** The time left for trying, in ms, at least 1. */
  get leftMs(): number {
    return Math.max(this.#firstAtMs + this.#reconnectMs - this.#clock.nowMs(), 1);
  }

  /** True if the time for trying is over. */
  get areOver(): boolean {
    return this.#clock.nowMs() >= this.#firstAtMs + this.#reconnectMs;
  }

  /** Returns the next pause in ms, at most the time left. */
  pauseMs(): number {
    return Math.min(this.#tries.next(), this.leftMs);
  }
}

/** Outages longer than this, in ms, are reported with their reasons. */
const briefMs = 10_000;
/** The most different reasons that are remembered. */
const mostReasons = 20;

/** Collects the reasons why a server could not be reached. */
export class Reasons {
  readonly #lostAtMs: number;
  readonly #clock: SteadyClock;
  readonly #io: Io;
  readonly #told = new Set<string>();
  /** The last reason given by the server. */
  last: Failure | undefined;

  constructor(lostAtMs: number, clock: SteadyClock, io: Io) {
    this.#lostAtMs = lostAtMs;
    this.#clock = clock;
    this.#io = io;
  }

  /**
   * Notes why a try failed, and reports a new reason. A try cut short by the end of the time says nothing about the
   * server.
   */
  add(failure: Failure, isCutShort: boolean): void {
    if (this.last !== undefined && isCutShort) return;
    this.last = failure;
    const { message } = failure;
    const isBrief = this.#clock.nowMs() - this.#lostAtMs < briefMs;
    if (isBrief || this.#told.has(message) || this.#told.size === mostReasons) return;
    this.#told.add(message);
    this.#io.note(`not connected yet: ${message}`);
  }
}

/** True for failures that may pass by themselves: the server is away or starting, or a local one is not there yet. */
export function mayComeBack(error: unknown): error is Failure {
  if (!(error instanceof Failure)) return false;
  const { kind, code, message } = error;
  if (kind === 'connect' || kind === 'timeout') return true;
  if (kind === 'refused') return code !== null && code >= 500;
  return kind === 'usage' && message.startsWith('no DeviceHive server');
}

/** True if another connection may go on where this one ended. */
export function isLost(error: unknown): error is Failure {
  return error instanceof Failure && error.kind === 'connect';
}

/** Returns the failure for a connection that could not be made again in time. */
export function notRecovered(lost: Failure, last: Failure | undefined, { payload, reconnectMs }: WatchPlan): Failure {
  const why = last === undefined ? '' : `: ${last.message}`;
  const mayReplay = payload['deviceId'] !== undefined && payload['timestamp'] === undefined;
  const again = mayReplay ? '; then watch again with --since, so that nothing is missed that it still keeps' : '';
  return new Failure('connect', `${lost.message}; not connected again within ${spokenDuration(reconnectMs)}${why}`, {
    hint: `Check the server${again}. A longer --reconnect, or --reconnect forever, outlasts a longer restart.`,
    serverState: last?.serverState,
    cause: last,
  });
}

/** Returns the failure for work that the end of the watch cut short. */
export function watchEnded(): Failure {
  return new Failure('interrupted', 'the watch has ended');
}

/** Returns why pushes of a gap may be lost, as the end of a sentence; undefined if all were replayed. */
export function doubtAbout(isReplayed: boolean, gapMs: number): string | undefined {
  if (!isReplayed) return 'DeviceHive replays only for devices that are named (--device)';
  if (gapMs <= keptMs) return undefined;
  return `nothing was heard for ${spokenDuration(gapMs)}, and DeviceHive keeps pushes for ${spokenDuration(keptMs)}`;
}
