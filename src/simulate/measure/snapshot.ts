import type { Bundle, ErrorCount, Generator, HopFigures, Point } from './bundle.ts';
import type { RecentEvent } from './recentEvents.ts';

/** How a run stands, as live views show it. */
export interface Snapshot {
  /** Ms since the start of the run, in whole ticks. */
  readonly atMs: number;
  readonly devices: number;
  readonly connected: number;
  readonly inFlight: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly ledger: Bundle['ledger'];
  readonly errors: readonly ErrorCount[];
  /** The latest first. */
  readonly recent: readonly RecentEvent[];
  readonly generator: Generator;
  /** What was counted in the last tick, which took `seconds`. */
  readonly lastTick: (Point & { readonly seconds: number }) | undefined;
  readonly timeline: Bundle['timeline'];
  /** All samples so far, by hop. */
  readonly totals: Readonly<Record<string, HopFigures>>;
}
