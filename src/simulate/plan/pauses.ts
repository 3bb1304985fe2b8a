import { parseDuration, parseRate } from '../../protocol/notation/quantities.ts';
import type { FaultTimes, Pause } from './model.ts';
import { standardNormal } from './random.ts';

/** A pause in a plan: a duration, or one named distribution of durations. */
export type PauseDocument =
  string | { readonly uniform?: readonly string[]; readonly normal?: readonly string[]; readonly exponential?: string };

/** The longest time of a Node timer, in ms. */
const longestMs = 2 ** 31 - 1;

/** Returns a duration in whole ms; for an invalid one, the problem as the end of a sentence. */
export function wholeMs(text: unknown, leastMs = 1): number | string {
  const ms = typeof text === 'string' ? parseDuration(text) : undefined;
  if (ms === undefined) return 'must be a duration such as 200ms, 5s or 1m30s';
  const rounded = Math.round(ms);
  if (rounded < leastMs) return `must be at least ${leastMs}ms`;
  return rounded > longestMs ? 'must be at most 24d' : rounded;
}

/**
 * Returns a function that draws a pause in whole ms from 0; for an invalid one, the problem as the end of a sentence.
 */
export function pauseOf(document: PauseDocument | undefined): Pause | string {
  if (document === undefined) return () => 0;
  if (typeof document === 'string') return fixed(document);
  const { uniform, normal, exponential } = document;
  if (uniform !== undefined) return pair(uniform, between);
  if (normal !== undefined)
    return pair(normal, (mean, deviation) => (random) => mean + deviation * standardNormal(random));
  const mean = wholeMs(exponential, 0);
  return typeof mean === 'string' ? mean : bounded((random) => -mean * Math.log(1 - random.unit()));
}

function fixed(text: string): Pause | string {
  const ms = wholeMs(text, 0);
  return typeof ms === 'string' ? ms : () => ms;
}

function pair(texts: readonly string[], make: (one: number, other: number) => Pause | string): Pause | string {
  const [one, other] = [wholeMs(texts[0], 0), wholeMs(texts[1], 0)];
  if (typeof one === 'string') return one;
  if (typeof other === 'string') return other;
  const made = make(one, other);
  return typeof made === 'string' ? made : bounded(made);
}

function between(from: number, to: number): Pause | string {
  if (from > to) return 'must go from the shorter duration to the longer one';
  return (random) => from + random.unit() * (to - from);
}

function bounded(draw: Pause): Pause {
  return (random) => Math.min(longestMs, Math.max(0, Math.round(draw(random))));
}

/**
 * Returns the jitter of an event in ms: a share of its period or a duration, at most half the period. For an invalid
 * one returns the problem as the end of a sentence.
 */
export function jitterOf(text: string | undefined, everyMs: number): number | string {
  if (text === undefined) return 0;
  const jitterMs = text.endsWith('%') ? (everyMs * Number(text.slice(0, -1))) / 100 : (parseDuration(text) ?? 0);
  return jitterMs > everyMs / 2 ? 'must be at most half the period, 50%' : jitterMs;
}

/**
 * Returns the times of a fault, `every 10m for 5s` or `at 2m`; for invalid ones the problem as the end of a sentence.
 */
export function faultTimesOf(text: string | undefined): FaultTimes | string | undefined {
  if (text === undefined) return undefined;
  const [, word, when, length = '0s'] = /^(every|at) (\S+)(?: for (\S+))?$/.exec(text.trim()) ?? [];
  const [ms, forMs] = [wholeMs(when, word === 'every' ? 1 : 0), wholeMs(length, 0)];
  if (typeof ms === 'string' || typeof forMs === 'string')
    return 'must be times such as "every 10m for 5s" or "at 2m", with durations such as 5s or 1m30s';
  if (word === 'at') return { kind: 'at', atMs: ms, forMs };
  return forMs >= ms ? 'must be away for less than the period' : { kind: 'every', everyMs: ms, forMs };
}

/** Returns a rate per second; for an invalid one, the problem as the end of a sentence. */
export function ratePerSecondOf(text: string): number | string {
  const rate = parseRate(text) ?? 0;
  return rate > 0 && rate <= 1e6 ? rate : 'must be more than 0 and at most 1000000/s';
}
