import type { Bundle } from '../measure/bundle.ts';
import { metrics } from './metrics.ts';
import type { Unit } from './numbers.ts';

/** One number of two results. */
export interface MetricChange {
  readonly metric: string;
  readonly unit: Unit;
  /** Null if there are no samples. */
  readonly before: number | null;
  readonly after: number | null;
  /** By which share it grew: 0.1 is 10 % more; null where there is no such share. */
  readonly change: number | null;
  /** Whether more of it is worse. */
  readonly lessIsBetter: boolean;
}

/** The figures compared for each hop; the others add little. */
const tellingFigures = /\.(?:p50|p99|max|count)$/;

/** Compares two results number by number; numbers that neither has are left out. */
export function resultDifferences(before: Bundle, after: Bundle): MetricChange[] {
  return metrics().flatMap(({ name, unit, of }): MetricChange[] => {
    if (unit === 'ms' && !tellingFigures.test(name)) return [];
    const [old, fresh] = [of(before) ?? null, of(after) ?? null];
    if ((old ?? 0) === 0 && (fresh ?? 0) === 0) return [];
    const change = old === null || fresh === null || old === 0 ? null : fresh / old - 1;
    return [{ metric: name, unit, before: old, after: fresh, change, lessIsBetter: lessIsBetter(name, unit) }];
  });
}

function lessIsBetter(name: string, unit: MetricChange['unit']): boolean {
  const bad =
    /(?:^|\.)(?:lost|unsent|duplicated|reordered)$|^(?:refused|timeouts|errors|disconnects|repeated|unanswered(?:\.share)?)$/;
  return unit === 'ms' || bad.test(name);
}

/** Those that got worse by more than this share; what was none and is some now got worse by any share. */
export function worseBy(share: number, changes: readonly MetricChange[]): MetricChange[] {
  return changes.filter(({ lessIsBetter: isBad, before, after, change, metric }) => {
    if (!isBad || metric.endsWith('.max')) return false;
    return change === null ? (before ?? 0) === 0 && (after ?? 0) > 0 && before !== null : change > share;
  });
}
