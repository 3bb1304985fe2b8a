import type { Bundle } from '../measure/bundle.ts';
import type { ReadMeasures } from './resultSum.ts';

/** A result without its large parts; a merge reads this of all results before it adds the first. */
export type ResultHead = Omit<Bundle, 'hops' | 'timeline' | 'errors' | 'generator'> & { readonly everyMs: number };

/** A shard's result that is read when it is added, because all together may not fit into memory. */
export interface StoredResult {
  readonly head: ResultHead;
  readonly read: () => ReadMeasures;
}

/** Returns the head of a result. */
export function headOf({ hops: _h, timeline, errors: _e, generator: _g, ...head }: Bundle): ResultHead {
  return { ...head, everyMs: timeline.everyMs };
}
