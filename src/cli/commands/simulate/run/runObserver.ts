import type { Bundle, Snapshot } from '../../../../simulate/index.ts';
import type { CommonValues } from '../../../target/serverName.ts';

/** Watches a run. */
export interface RunObserver {
  /** Called with the state, once a tick. */
  update(snapshot: Snapshot): void;
  /** Called when the run is over, with its result unless it failed. */
  finish(bundle?: Bundle): Promise<void>;
}

/**
 * True if a tick lies between two snapshots. Ticks and snapshots have separate timers, so one tick may be seen twice;
 * it must not be added twice.
 */
export function isNewTick(snapshot: Snapshot, before: Snapshot | undefined): boolean {
  return snapshot.atMs !== before?.atMs;
}

/** Flags for the observers of a run. */
export interface ObserverValues extends CommonValues {
  /** `--dashboard [PORT]` */
  readonly dashboard?: boolean | string;
  /** `--metrics [ADDRESS:]PORT` */
  readonly metrics?: string;
}
