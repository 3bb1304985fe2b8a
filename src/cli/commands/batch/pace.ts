import { performance } from 'node:perf_hooks';
import { Failure } from '../../../errors.ts';
import { parseRate } from '../../../protocol/notation/quantities.ts';
import { cutText } from '../../terminal/safeText.ts';

/** How much lost time a late sender may make up for at once, in ms: more would make bursts. */
const catchUpMs = 20;

/** Spaces requests evenly at a rate; without a rate, does not limit them. */
export class Pace {
  readonly #intervalMs: number;
  readonly #nowMs: () => number;
  #nextMs: number | undefined;

  /** `rate` is in requests a second; the clock counts milliseconds. */
  constructor(rate: number | undefined, nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#intervalMs = rate === undefined ? 0 : 1000 / rate;
  }

  /** How long to wait before the next request, in ms; 0 when it may go now. */
  waitMs(): number {
    return this.#nextMs === undefined ? 0 : Math.max(0, Math.ceil(this.#nextMs - this.#nowMs()));
  }

  /** Counts a request that was sent. */
  count(): void {
    if (this.#intervalMs === 0) return;
    const nowMs = this.#nowMs();
    this.#nextMs = Math.max(this.#nextMs ?? nowMs, nowMs - catchUpMs) + this.#intervalMs;
  }
}

/** Reads a rate such as `50/s` or `300/m` as requests a second. Throws a usage `Failure`. */
export function rateOf(text: string): number {
  const rate = parseRate(text) ?? 0;
  if (rate > 0 && rate <= 1e6) return rate;
  throw new Failure('usage', `--rate must be a number of requests a second, not '${cutText(text)}'`, {
    hint: 'Write --rate 50/s, or --rate 300/m for a minute.',
  });
}
