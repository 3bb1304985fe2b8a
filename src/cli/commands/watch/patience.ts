import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../../errors.ts';

const firstMs = 100;
const longestMs = 5000;

/** Pauses between tries: they double, with jitter, so that a crowd does not come back at once, up to a deadline. */
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

  /** The next pause in ms; undefined when the time is over. */
  nextMs(): number | undefined {
    if (Date.now() >= this.#deadlineMs) return undefined;
    const pauseMs = this.#nextMs * (0.5 + Math.random() / 2);
    this.#nextMs = Math.min(this.#nextMs * 2, longestMs);
    return Math.min(pauseMs, this.leftMs);
  }
}

/** Waits, without keeping a process alive that is done otherwise. */
export async function pause(ms: number): Promise<void> {
  await sleep(ms);
}

/** Whether a server that failed like this may be well a little later: it is away, starts, or, run on this machine, is not there yet. */
export function mayComeBack(error: unknown): boolean {
  if (!(error instanceof Failure)) return false;
  const { kind, code, message } = error;
  if (kind === 'connect' || kind === 'timeout') return true;
  if (kind === 'refused') return code !== null && code >= 500;
  return kind === 'usage' && message.startsWith('no DeviceHive server');
}
