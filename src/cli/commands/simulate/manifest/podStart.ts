import type { Plan } from '../../../../simulate/index.ts';
import { startRuleOf, type RunStartValues } from '../run/start.ts';

/** How the pods start together. */
export interface PodStart {
  /** The flags for each pod. */
  readonly words: readonly string[];
  /** How long the first pod may wait, in ms. */
  readonly atMostMs: number;
}

/**
 * Returns how pods start: they meet over the server unless a time is given, because nobody knows when `kubectl apply`
 * will run. Throws as `startRuleOf`.
 */
export function podStart(values: RunStartValues, plan: Plan, shards: number): PodStart {
  const { startAt, startTogether = startAt === undefined, startTimeout } = values;
  const rule = startRuleOf({ ...values, startTogether }, plan, { index: 0, count: shards });
  if (rule.kind === 'ready') return { words: [], atMostMs: 0 };
  if (rule.kind === 'at') {
    const words = ['--start-at', new Date(rule.atMs).toISOString()];
    return { words, atMostMs: Math.max(rule.atMs - Date.now(), 0) };
  }
  const limit = startTimeout === undefined ? [] : ['--start-timeout', startTimeout];
  return { words: ['--start-together', ...limit], atMostMs: rule.timeoutMs };
}
