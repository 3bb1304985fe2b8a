import { Failure } from '../../../errors.ts';
import type { Io } from '../../terminal/io.ts';

const firstMs = 100;
const longestMs = 5000;

/**
 * Pauses between tries: they double, with jitter, so that a crowd does not come back at once, up to a deadline or
 * without one (Infinity).
 */
export class Pauses {
  readonly #deadlineMs: number;
  #nextMs = firstMs;

  constructor(deadlineMs: number) {
    this.#deadlineMs = deadlineMs;
  }

  /** Ms that are left, at least 1. */
  get leftMs(): number {
    return Math.max(this.#deadlineMs - Date.now(), 1);
  }

  /** Whether the time is over. */
  get areOver(): boolean {
    return Date.now() >= this.#deadlineMs;
  }

  /** The next pause in ms, no longer than the time that is left. */
  nextMs(): number {
    const pauseMs = this.#nextMs * (0.5 + Math.random() / 2);
    this.#nextMs = Math.min(this.#nextMs * 2, longestMs);
    return Math.min(pauseMs, this.leftMs);
  }
}

/** Outages longer than this, in ms, are told with their reason. */
const briefMs = 10_000;
/** A server may word one reason in many ways. */
const mostReasons = 20;

/** Why a server could not be reached, try by try. */
export class Reasons {
  readonly #lostAtMs: number;
  readonly #io: Io;
  readonly #told = new Set<string>();
  /** The last one that is the server's. */
  last: Failure | undefined;

  constructor(lostAtMs: number, io: Io) {
    this.#lostAtMs = lostAtMs;
    this.#io = io;
  }

  /**
   * Notes why a try failed, and says so where that is news; one that the end of the time has cut short says nothing of
   * the server.
   */
  add(failure: Failure, isCutShort: boolean): void {
    if (this.last !== undefined && isCutShort) return;
    this.last = failure;
    const { message } = failure;
    const isBrief = Date.now() - this.#lostAtMs < briefMs;
    if (isBrief || this.#told.has(message) || this.#told.size === mostReasons) return;
    this.#told.add(message);
    this.#io.note(`not connected yet: ${message}`);
  }
}

/**
 * Whether a server that failed like this may be well a little later: it is away, starts, or, run on this machine, is
 * not there yet.
 */
export function mayComeBack(error: unknown): error is Failure {
  if (!(error instanceof Failure)) return false;
  const { kind, code, message } = error;
  if (kind === 'connect' || kind === 'timeout') return true;
  if (kind === 'refused') return code !== null && code >= 500;
  return kind === 'usage' && message.startsWith('no DeviceHive server');
}
