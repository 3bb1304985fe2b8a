import type { LoadStage } from '../load.ts';

/** One stage: when it begins, how many full ms come before it, and its share at both ends. */
interface Stretch {
  readonly startMs: number;
  readonly fullMs: number;
  readonly fromShare: number;
  /** The growth of the share per ms. */
  readonly slope: number;
}

/**
 * Converts time under stages to full ms: a ms at a share of 50 % counts as half a full one. Events evenly spaced in
 * full ms follow the stages' rates.
 */
export class StagedTime {
  readonly #stretches: readonly Stretch[];

  /** After the last stage its share stays. */
  constructor(stages: readonly LoadStage[]) {
    const stretches: Stretch[] = [];
    let [startMs, fullMs, fromShare] = [0, 0, 0];
    for (const { forMs, share } of stages) {
      stretches.push({ startMs, fullMs, fromShare, slope: (share - fromShare) / forMs });
      startMs += forMs;
      fullMs += (forMs * (fromShare + share)) / 2;
      fromShare = share;
    }
    this.#stretches = [...stretches, { startMs, fullMs, fromShare, slope: 0 }];
  }

  /** Returns how many full ms have passed at a time. */
  fullMsAt(timeMs: number): number {
    const { startMs, fullMs, fromShare, slope } = this.#stretches.findLast((one) => one.startMs <= timeMs) ?? nothing;
    const ms = timeMs - startMs;
    return fullMs + fromShare * ms + (slope * ms * ms) / 2;
  }

  /** Returns the time at which so many full ms have passed; Infinity where that never comes. */
  timeOf(wantedMs: number): number {
    const stretch = this.#stretches.findLast((one) => one.fullMs < wantedMs) ?? this.#stretches[0] ?? nothing;
    const { startMs, fullMs, fromShare, slope } = stretch;
    const left = wantedMs - fullMs;
    if (left <= 0) return startMs;
    if (slope === 0) return fromShare === 0 ? Infinity : startMs + left / fromShare;
    // the zero of the stretch's integral, in the form that stays exact for small slopes
    return startMs + (2 * left) / (fromShare + Math.sqrt(Math.max(fromShare * fromShare + 2 * slope * left, 0)));
  }
}

const nothing: Stretch = { startMs: 0, fullMs: 0, fromShare: 0, slope: 0 };
