import { largest, smallest } from '../../../protocol/notation/extent.ts';
import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from 'd3-scale';

/** One axis of a chart. */
export interface Axis {
  readonly label: string;
  /** Returns the text of a value on it. */
  readonly text: (value: number) => string;
  /** Returns the text of a tick, if that is shorter. */
  readonly tick?: (value: number) => string;
  readonly kind: AxisKind;
  /** The ticks of a linear axis, which then ends at them. */
  readonly ticks?: readonly number[];
}

/** `whole` is for counts without fractions; `log` has powers of ten; `seconds` has ticks at round times. */
type AxisKind = 'linear' | 'whole' | 'log' | 'seconds';

/** Maps values to places on a picture. */
export type Scale = ScaleContinuousNumeric<number, number>;

const tickCount = 5;

/** Returns the scale of an axis for these values, from the first to the second place of a range. */
export function scaleOf({ kind, ticks }: Axis, values: readonly number[], range: [number, number]): Scale {
  const known = [...values, ...(ticks ?? [])];
  const [least, most] = [smallest(known), largest(known)];
  if (kind === 'log') return scaleLog(decadesAround(known), range);
  if (ticks !== undefined || kind === 'seconds') return scaleLinear([least, Math.max(most, least + 1)], range);
  return scaleLinear([Math.min(least, 0), most <= 0 ? 1 : most], range).nice(tickCount);
}

/** Returns the powers of ten below and above positive values, at least one power apart. */
function decadesAround(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(exponentOf(positive.length === 0 ? 1 : smallest(positive)));
  const high = Math.ceil(exponentOf(largest(positive, 10 ** low)));
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

/** Returns the decimal logarithm of a value, rounded so that powers of ten are whole. */
function exponentOf(value: number): number {
  return Math.round(Math.log10(value) * 1e9) / 1e9;
}

/** Returns the values at which an axis has ticks. */
export function ticksOf({ kind, ticks }: Axis, scale: Scale): readonly number[] {
  const [low = 0, high = 1] = scale.domain();
  if (kind === 'log') return decades(low, high);
  if (ticks !== undefined) return ticks;
  if (kind === 'seconds') return roundTimes(low, high);
  const found = scale.ticks(tickCount);
  return kind === 'whole' ? found.filter(Number.isInteger) : found;
}

function decades(low: number, high: number): number[] {
  const [first, last] = [exponentOf(low), exponentOf(high)];
  const step = Math.ceil((last - first) / 6);
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => 10 ** (first + index * step));
}

/** Round steps between ticks, in seconds. */
const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

function roundTimes(low: number, high: number): number[] {
  const step = timeSteps.find((seconds) => (high - low) / seconds <= tickCount) ?? Math.ceil((high - low) / tickCount);
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step);
}
