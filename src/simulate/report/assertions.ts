import { closest } from '../../protocol/notation/closest.ts';
import type { Bundle } from '../measure/bundle.ts';
import { metrics, type MeasuredPart, type Metric } from './metrics.ts';
import { exactValue, spokenValue } from './numbers.ts';

/** A parsed assertion about a result: `lost == 0`, `command.total.p99 < 500ms`. */
export interface Assertion {
  readonly text: string;
  readonly metric: Metric;
  readonly operator: Operator;
  /** The limit: ms for durations, 0 to 1 for shares, else a plain number. */
  readonly value: number;
}

type Operator = keyof typeof operators;

const operators = {
  '<=': (actual: number, value: number) => actual <= value,
  '>=': (actual: number, value: number) => actual >= value,
  '==': (actual: number, value: number) => actual === value,
  '!=': (actual: number, value: number) => actual !== value,
  '<': (actual: number, value: number) => actual < value,
  '>': (actual: number, value: number) => actual > value,
} as const;

const limitTitles: Readonly<Record<Operator, string>> = {
  '<=': 'limit',
  '<': 'limit',
  '>=': 'at least',
  '>': 'more than',
  '==': 'must be',
  '!=': 'must not be',
};

const pattern = /^\s*([\w.-]+)\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*([a-z/%]*)\s*$/i;

const unitsMs: ReadonlyMap<string, number> = new Map([
  ['us', 0.001],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** Parses an assertion. Returns what is wrong, as the end of a sentence, if it is invalid. */
export function parseAssertion(text: string): Assertion | string {
  const [, name = '', operator = '', number = '', unit = ''] = pattern.exec(text) ?? [];
  if (name === '') return 'must be METRIC OPERATOR VALUE, such as lost == 0 or command.total.p99 < 500ms';
  const all = metrics();
  const metric = all.find((candidate) => candidate.name === name);
  if (metric === undefined) {
    const likely = closest(
      name,
      all.map((candidate) => candidate.name),
    );
    return `names ${name}, which nothing is measured as${likely === undefined ? '' : ` (did you mean ${likely}?)`}`;
  }
  const factor = factorOf(metric, unit);
  if (typeof factor === 'string') return factor;
  return { text, metric, operator: operator as Operator, value: Number(number) * factor };
}

function factorOf({ name, unit }: Metric, written: string): number | string {
  if (unit === 'ms')
    return unitsMs.get(written) ?? `compares the duration ${name}: write its unit, such as 500ms or 2s`;
  if (unit === 'rate') return written === '' || written === '/s' ? 1 : `compares the rate ${name}: write it as 50/s`;
  if (unit === 'share') return written === '%' ? 0.01 : `compares the share ${name}: write it as 1%`;
  return written === '' ? 1 : `compares the count ${name}: it has no unit '${written}'`;
}

/** Judges an assertion. Without samples it does not hold. */
export function judgeAssertion(assertion: Assertion, measured: MeasuredPart): Bundle['assertions'][number] {
  const actual = assertion.metric.of(measured);
  const ok = actual !== undefined && operators[assertion.operator](actual, assertion.value);
  return { text: assertion.text, ok, actual: actual ?? null };
}

/** Returns the measured value of an assertion's metric with its unit, `56.1 ms`; empty if there are no samples. */
export function spokenActual({ text, actual }: Bundle['assertions'][number]): string {
  const assertion = parseAssertion(text);
  if (actual === null) return '';
  return typeof assertion === 'string' ? String(actual) : spokenPair(assertion, actual)[0];
}

/** Returns the measured value and the limit: `command.total.p99 2.96 s, limit 1 s`. */
export function spokenComparison({ text, actual }: Bundle['assertions'][number]): string {
  const assertion = parseAssertion(text);
  if (typeof assertion === 'string') return text;
  const { metric, operator, value } = assertion;
  if (actual === null)
    return `${metric.name} has no samples, ${limitTitles[operator]} ${spokenValue(value, metric.unit)}`;
  const [measured, limit] = spokenPair(assertion, actual);
  return `${metric.name} ${measured}, ${limitTitles[operator]} ${limit}`;
}

/** Returns the measured value and the limit as text, with more digits if they differ but would read the same. */
function spokenPair({ metric: { unit }, value }: Assertion, actual: number): readonly [string, string] {
  const [measured, limit] = [spokenValue(actual, unit), spokenValue(value, unit)];
  return measured === limit && actual !== value ? [exactValue(actual, unit), limit] : [measured, limit];
}
