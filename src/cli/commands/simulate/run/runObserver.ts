import type { Bundle, Snapshot } from '../../../../simulate/index.ts';
import type { CommonValues } from '../../../target/serverName.ts';

/** Watches a run. */
export interface RunObserver {
  /** Called with the state, once a tick. */
  update(snapshot: Snapshot): void;
  /** The run is over, with this result unless it failed. */
  finish(bundle?: Bundle): Promise<void>;
}

/**
 * True if a tick has passed from one snapshot to a later one: timers of their own bring both about, so that one tick
 * may be seen twice, and must not be added twice.
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
