import type { Random } from '../model.ts';
import { standardNormal, whole } from '../random.ts';
import { digits, duration, number, phase } from './argumentTypes.ts';
import type { Argument, Arguments, Generator, Scope } from './generator.ts';
import { own } from '../../../protocol/own.ts';
import { largest } from '../../../protocol/notation/extent.ts';

const decimals: Argument = {
  name: 'decimals',
  type: digits,
  description: 'Digits after the point; by default two more than the other arguments have, and at least 3.',
};

/** The most digits after the point: with more, a number of 15 digits would overflow. */
const mostPlaces = 100;

/** Numbers with a fixed number of digits after the point. */
class Grid {
  readonly #unit: number;

  constructor(places: number) {
    this.#unit = 10 ** Math.min(places, mostPlaces);
  }

  round(value: number): number {
    return Math.round(value * this.#unit) / this.#unit + 0;
  }

  /** Returns a random number of the grid between two, both included, all equally likely. */
  between(random: Random, from: number, to: number): number {
    const [first, last] = this.#ends(from, to);
    return (first + whole(random, last - first + 1)) / this.#unit;
  }

  /** True if the grid has a number between two, both included. */
  isOpen(from: number, to: number): boolean {
    const [first, last] = this.#ends(from, to);
    return first <= last;
  }

  #ends(from: number, to: number): [number, number] {
    return [Math.ceil(from * this.#unit - 1e-6), Math.floor(to * this.#unit + 1e-6)];
  }
}

function gridOf(given: Arguments, ...names: readonly string[]): Grid {
  const asked = given['decimals'] as number | undefined;
  const written = names.map((name) => placesOf((own(given, name) as number | undefined) ?? 0));
  return new Grid(asked ?? Math.min(12, Math.max(3, 2 + largest(written))));
}

/** Returns the number of digits after a number's point. */
function placesOf(value: number): number {
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}

/**
 * Returns the ends of a range; reports a problem if they are not in order, or no value of these decimals lies between.
 */
function rangeOf(given: Arguments, scope: Scope): { from: number; to: number } | undefined {
  const { from, to, decimals: places } = given as { from: number; to: number; decimals?: number };
  if (from > to) return scope.problem(`must go from the smaller number to the larger one, not from ${from} to ${to}`);
  if (places !== undefined && !new Grid(places).isOpen(from, to))
    return scope.problem(`has no value with ${places} decimals from ${from} to ${to}`);
  return { from, to };
}

const from: Argument = { name: 'from', type: number, isRequired: true, description: 'The smallest value.' };
const to: Argument = { name: 'to', type: number, isRequired: true, description: 'The largest value.' };

/** The generator of counts. */
export const counter: Generator = {
  name: 'counter',
  summary: 'Counts: from, from + step, and so on; after to it starts again.',
  arguments: [
    { name: 'from', type: number, description: 'The first value, 0 unless given.' },
    { name: 'step', type: number, description: 'What is added each time, 1 unless given.' },
    { name: 'to', type: number, description: 'The last value before it starts again; none unless given.' },
  ],
  example: 'counter(0,1)',
  planExample: { from: 0, step: 1 },
  compile(given, scope) {
    const { from: first = 0, step = 1, to: last } = given as { from?: number; step?: number; to?: number };
    if (last !== undefined && (last - first) * step < 0)
      return scope.problem(`never comes from ${first} to ${last} in steps of ${step}`);
    const grid = new Grid(Math.max(placesOf(first), placesOf(step)));
    const length =
      last === undefined || step === 0 ? Number.MAX_SAFE_INTEGER : Math.floor((last - first) / step + 1e-9) + 1;
    const slot = scope.slot();
    return ({ memory = [] }) => {
      const turn = (memory[slot] as number | undefined) ?? 0;
      memory[slot] = (turn + 1) % length;
      return grid.round(first + turn * step);
    };
  },
};

/** The generator of numbers from a range. */
export const uniform: Generator = {
  name: 'uniform',
  summary: 'A number from a range, all equally likely; with decimals 0 a whole number.',
  arguments: [from, to, decimals],
  positions: 2,
  example: 'uniform(0,1)',
  planExample: { from: 0, to: 1 },
  compile(given, scope) {
    const range = rangeOf(given, scope);
    if (range === undefined) return undefined;
    const grid = gridOf(given, 'from', 'to');
    return ({ random }) => grid.between(random, range.from, range.to);
  },
};

/** The generator of normally distributed numbers. */
export const normal: Generator = {
  name: 'normal',
  summary: 'A number of the normal distribution.',
  arguments: [
    { name: 'mean', type: number, isRequired: true, description: 'The mean.' },
    { name: 'deviation', type: number, isRequired: true, description: 'The standard deviation.' },
    { name: 'min', type: number, description: 'Lower values become this.' },
    { name: 'max', type: number, description: 'Higher values become this.' },
    decimals,
  ],
  positions: 2,
  example: 'normal(20,2)',
  planExample: { mean: 20, deviation: 2 },
  compile(given, scope) {
    const { mean, deviation } = given as { mean: number; deviation: number };
    const { min = -Infinity, max = Infinity } = given as { min?: number; max?: number };
    if (deviation < 0) return scope.problem(`needs a deviation of at least 0, not ${deviation}`);
    if (min > max) return scope.problem(`has a min of ${min} above its max of ${max}`);
    const grid = gridOf(given, 'mean', 'deviation');
    return ({ random }) => Math.min(max, Math.max(min, grid.round(mean + deviation * standardNormal(random))));
  },
};

/** The generator of random walks. */
export const walk: Generator = {
  name: 'walk',
  summary: 'A random walk: each value lies at most one step from the one before, and turns back at the ends.',
  arguments: [
    from,
    to,
    { name: 'step', type: number, isRequired: true, description: 'The longest step.' },
    { name: 'start', type: number, description: 'The first value; anywhere unless given.' },
    decimals,
  ],
  positions: 3,
  example: 'walk(18,26,0.3)',
  planExample: { from: 18, to: 26, step: 0.3 },
  compile(given, scope) {
    const range = rangeOf(given, scope);
    const { step, start } = given as { step: number; start?: number };
    if (range === undefined) return undefined;
    if (step < 0) return scope.problem(`needs a step of at least 0, not ${step}`);
    if (start !== undefined && (start < range.from || start > range.to))
      return scope.problem(`cannot start at ${start}, outside of ${range.from} to ${range.to}`);
    const grid = gridOf(given, 'from', 'to', 'step');
    const slot = scope.slot();
    return ({ random, memory = [] }) => {
      const last = memory[slot] as number | undefined;
      const next =
        last === undefined
          ? (start ?? grid.between(random, range.from, range.to))
          : grid.round(turned(last + grid.between(random, -step, step), range.from, range.to));
      memory[slot] = next;
      return next;
    };
  },
};

/** Reflects a value that went past an end of its range, but never past the other end. */
function turned(value: number, from: number, to: number): number {
  if (value < from) return Math.min(to, 2 * from - value);
  return value > to ? Math.max(from, 2 * to - value) : value;
}

/** The generator of waves. */
export const sine: Generator = {
  name: 'sine',
  summary: 'A wave between two values, by the time of the run; it begins in the middle and rises.',
  arguments: [
    from,
    to,
    { name: 'period', type: duration, isRequired: true, description: 'How long one wave takes.' },
    {
      name: 'phase',
      type: phase,
      description: 'How far into the wave it begins: a duration, or random for each device.',
    },
    decimals,
  ],
  positions: 3,
  example: 'sine(10,30,1h)',
  planExample: { from: 10, to: 30, period: '1h' },
  compile(given, scope) {
    const range = rangeOf(given, scope);
    if (range === undefined) return undefined;
    const { period, phase: begin = 0 } = given as { period: number; phase?: number | 'random' };
    const grid = gridOf(given, 'from', 'to');
    const offset = offsetOf(begin, period, scope);
    const middle = (range.from + range.to) / 2;
    return (moment) => {
      const turn = ((moment.atMs + offset(moment)) % period) / period;
      return grid.round(middle + (range.to - middle) * Math.sin(2 * Math.PI * turn));
    };
  },
};

/** Returns a producer of where in its period something begins, in ms: fixed, or drawn once and remembered. */
export function offsetOf(
  begin: number | 'random',
  periodMs: number,
  scope: Scope,
): (moment: { readonly random: Random; readonly memory: unknown[] | undefined }) => number {
  if (begin !== 'random') return () => begin;
  const slot = scope.slot();
  return ({ random, memory = [] }) => (memory[slot] ??= random.unit() * periodMs) as number;
}

/** The generator of values that fade. */
export const decay: Generator = {
  name: 'decay',
  summary: 'Fades from one value towards another, half of the way in each half-life, by the time of the run.',
  arguments: [
    { name: 'from', type: number, isRequired: true, description: 'The value at the start of the run.' },
    { name: 'to', type: number, isRequired: true, description: 'The value that it approaches.' },
    {
      name: 'half-life',
      type: duration,
      isRequired: true,
      description: 'The time that half of the remaining way takes.',
    },
    decimals,
  ],
  positions: 3,
  example: 'decay(100,0,30m)',
  planExample: { from: 100, to: 0, 'half-life': '30m' },
  compile(given) {
    const { from: first, to: last, 'half-life': halfLife } = given as { from: number; to: number; 'half-life': number };
    const grid = gridOf(given, 'from', 'to');
    return ({ atMs }) => grid.round(last + (first - last) * 0.5 ** (atMs / halfLife));
  },
};
