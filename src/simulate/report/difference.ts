import type { Bundle } from '../measure/bundle.ts';
import { disconnectsOf, metrics } from './metrics.ts';
import { spokenValue, type Unit } from './numbers.ts';

/** One number of two results, compared. */
export interface MetricChange {
  readonly metric: string;
  /** A few words for people. */
  readonly title: string;
  readonly unit: Unit;
  /** Null if there are no samples. */
  readonly before: number | null;
  readonly after: number | null;
  /** By which share it grew (0.1 is 10 % more); null if there is no such share. */
  readonly change: number | null;
  /** True if more of it is worse. */
  readonly lessIsBetter: boolean;
  /** `same` if equal to three digits; `other` if neither more nor less is better. */
  readonly became: 'worse' | 'better' | 'other' | 'same';
}

/** The figures compared for each hop; others add little. */
const tellingFigures = /\.(?:p50|p99|max|count)$/;

/** Compares two results number by number, the worst change first; leaves out numbers that neither has. */
export function resultDifferences(before: Bundle, after: Bundle): MetricChange[] {
  const changes = metrics().flatMap(({ name, title, unit, of }): MetricChange[] => {
    if (unit === 'ms' && !tellingFigures.test(name)) return [];
    const [old, fresh] = [of(before) ?? null, of(after) ?? null];
    if ((old ?? 0) === 0 && (fresh ?? 0) === 0) return [];
    const change = old === null || fresh === null || old === 0 ? null : fresh / old - 1;
    const isBad = lessIsBetter(name, unit) && !(name === 'disconnects' && arePlanned(before) && arePlanned(after));
    const numbers = { unit, before: old, after: fresh, change, lessIsBetter: isBad };
    return [{ metric: name, title, ...numbers, became: becameOf(numbers) }];
  });
  return changes.sort((one, other) => badness(other) - badness(one) || sizeOf(other) - sizeOf(one));
}

/** True if only faults of the plan cut connections. */
function arePlanned({ counters }: Bundle): boolean {
  return disconnectsOf(counters).unplanned === 0;
}

function lessIsBetter(name: string, unit: MetricChange['unit']): boolean {
  const bad =
    /(?:^|\.)(?:lost|unsent|duplicated|reordered)$|^(?:refused|timeouts|errors|disconnects|repeated|unanswered(?:\.share)?)$/;
  return unit === 'ms' || bad.test(name);
}

type Numbers = Pick<MetricChange, 'unit' | 'before' | 'after' | 'lessIsBetter'>;

function becameOf({ unit, before, after, lessIsBetter: isBad }: Numbers): MetricChange['became'] {
  if (before !== null && after !== null && spokenValue(before, unit) === spokenValue(after, unit)) return 'same';
  if (!isBad || before === null || after === null) return 'other';
  return after > before ? 'worse' : 'better';
}

/** Returns a number for sorting changes, higher for worse: new problems first, unchanged numbers last. */
function badness(change: MetricChange): number {
  if (change.became === 'worse') return 1 + sizeOf(change);
  if (change.became === 'better') return -sizeOf(change);
  return change.became === 'other' ? 1 : Number.NEGATIVE_INFINITY;
}

function sizeOf({ change }: MetricChange): number {
  return change === null ? Number.MAX_VALUE : Math.abs(change);
}

/** Returns the numbers that got worse by more than this share; one that was 0 and is more now always counts. */
export function worseBy(share: number, changes: readonly MetricChange[]): MetricChange[] {
  return changes.filter(({ lessIsBetter: isBad, before, after, change, metric }) => {
    if (!isBad || metric.endsWith('.max')) return false;
    return change === null ? (before ?? 0) === 0 && (after ?? 0) > 0 && before !== null : change > share;
  });
}
