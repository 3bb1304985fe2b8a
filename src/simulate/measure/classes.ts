import { own, setOwn } from '../../protocol/own.ts';
import type { HopFigures } from './bundle.ts';

/**
 * Samples by class: class c holds durations from 2^(c / 8) to 2^((c + 1) / 8) µs, so a percentile is at most 9 % off.
 * Timelines keep these for each step, because they add up exactly.
 */
export type Classes = Record<string, number>;

const classesPerOctave = 8;

/** Returns the class of a duration in ms. */
function classOf(ms: number): number {
  const microseconds = ms * 1000;
  return microseconds <= 1 ? 0 : Math.floor(Math.log2(microseconds) * classesPerOctave);
}

/** Returns the upper end of a class in ms. */
function upperMs(sampleClass: number): number {
  return 2 ** ((sampleClass + 1) / classesPerOctave) / 1000;
}

/** Counts a sample. */
export function addSample(classes: Classes, ms: number): void {
  const key = classOf(ms);
  classes[key] = (classes[key] ?? 0) + 1;
}

/** Adds the samples of `from` to those of `to`. */
export function addClasses(to: Classes, from: Readonly<Classes>): void {
  for (const [key, count] of Object.entries(from)) {
    // defining a property is slow, and merges add millions of classes
    if (Object.hasOwn(to, key)) to[key] = (to[key] ?? 0) + count;
    else setOwn(to, key, count);
  }
}

/** Adds samples by hop to `to`, and returns that. */
export function addLatencies(
  sums: Record<string, Classes>,
  latencies: Readonly<Record<string, Classes>>,
): Record<string, Classes> {
  for (const [hop, classes] of Object.entries(latencies)) {
    const known = own(sums, hop);
    const sum = known ?? {};
    addClasses(sum, classes);
    if (known === undefined) setOwn(sums, hop, sum);
  }
  return sums;
}

/** Returns the number of samples. */
export function sampleCount(classes: Readonly<Classes>): number {
  return Object.values(classes).reduce((sum, count) => sum + count, 0);
}

/** Returns the time in ms that `percentile` per cent of the samples do not exceed; undefined without samples. */
export function percentileOf(classes: Readonly<Classes>, percentile: number): number | undefined {
  // keys that are integers come in ascending order
  const entries = Object.entries(classes);
  let left = Math.ceil((sampleCount(classes) * percentile) / 100);
  for (const [key, count] of entries) {
    left -= count;
    if (left <= 0) return upperMs(Number(key));
  }
  return undefined;
}

/** Returns the figures of samples by class; times are at most 9.1 % above the sample. */
export function figuresOf(classes: Readonly<Classes>): HopFigures {
  const count = sampleCount(classes);
  const at = (percentile: number) => percentileOf(classes, percentile) ?? 0;
  const totalMs = Object.entries(classes).reduce((sum, [key, samples]) => sum + upperMs(Number(key)) * samples, 0);
  return {
    count,
    minMs: at(0),
    meanMs: count === 0 ? 0 : totalMs / count,
    p50Ms: at(50),
    p90Ms: at(90),
    p95Ms: at(95),
    p99Ms: at(99),
    p999Ms: at(99.9),
    maxMs: at(100),
  };
}
