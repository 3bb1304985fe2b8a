import { closest } from '../../protocol/notation/closest.ts';
import { accountNames, counterNames, hopNames, type Bundle, type HopFigures } from '../measure/bundle.ts';

/** A parsed assertion about a result: `lost == 0`, `command.total.p99 < 500ms`. */
export interface Assertion {
  readonly text: string;
  readonly metric: Metric;
  readonly operator: Operator;
  /** Ms for durations, a plain number otherwise. */
  readonly value: number;
}

/** One number of a result. */
export interface Metric {
  readonly name: string;
  readonly unit: 'ms' | 'count' | 'rate';
  /** Undefined if there are no samples. */
  readonly of: (bundle: MeasuredPart) => number | undefined;
}

/** The parts of a result that assertions read. */
export type MeasuredPart = Pick<Bundle, 'ledger' | 'counters' | 'hops' | 'durationMs' | 'devices'>;

type Operator = keyof typeof operators;

const operators = {
  '<=': (actual: number, value: number) => actual <= value,
  '>=': (actual: number, value: number) => actual >= value,
  '==': (actual: number, value: number) => actual === value,
  '!=': (actual: number, value: number) => actual !== value,
  '<': (actual: number, value: number) => actual < value,
  '>': (actual: number, value: number) => actual > value,
} as const;

const figures: Readonly<Record<string, keyof HopFigures>> = {
  p50: 'p50Ms',
  p90: 'p90Ms',
  p95: 'p95Ms',
  p99: 'p99Ms',
  p999: 'p999Ms',
  min: 'minMs',
  mean: 'meanMs',
  max: 'maxMs',
  count: 'count',
};

const fates = ['expected', 'received', 'lost', 'unsent', 'duplicated', 'reordered'] as const;

/** All numbers that an assertion can name. */
export function metrics(): Metric[] {
  return [...totals(), ...accounts(), ...counters(), ...hops()];
}

/** The totals over commands, notifications and updates (lost, unsent, duplicated, reordered), and the device count. */
function totals(): Metric[] {
  const sums = (['lost', 'unsent', 'duplicated', 'reordered'] as const).map((name): Metric => ({
    name,
    unit: 'count',
    of: ({ ledger }) => accountNames.reduce((sum, account) => sum + (ledger[account][name] ?? 0), 0),
  }));
  return [...sums, { name: 'devices', unit: 'count', of: ({ devices }) => devices }];
}

function accounts(): Metric[] {
  return accountNames.flatMap((account) =>
    fates.map((fate): Metric => ({
      name: `${account}.${fate}`,
      unit: 'count',
      of: ({ ledger }) => ledger[account][fate] ?? 0,
    })),
  );
}

function counters(): Metric[] {
  return counterNames.flatMap((name): Metric[] => [
    { name, unit: 'count', of: (bundle) => bundle.counters[name] ?? 0 },
    {
      name: `${name}.rate`,
      unit: 'rate',
      of: ({ counters, durationMs }) => (durationMs === 0 ? 0 : ((counters[name] ?? 0) / durationMs) * 1000),
    },
  ]);
}

function hops(): Metric[] {
  return hopNames.flatMap((hop) =>
    Object.entries(figures).map(([figure, key]): Metric => ({
      name: `${hop}.${figure}`,
      unit: figure === 'count' ? 'count' : 'ms',
      of: (bundle) => {
        const summary = bundle.hops[hop];
        return figure === 'count' ? (summary?.count ?? 0) : summary?.count === 0 ? undefined : summary?.[key];
      },
    })),
  );
}

const pattern = /^\s*([\w.-]+)\s*(<=|>=|==|!=|<|>)\s*(-?\d+(?:\.\d+)?)\s*([a-z/%]*)\s*$/i;

const unitsMs: ReadonlyMap<string, number> = new Map([
  ['us', 0.001],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** Reads an assertion; what is wrong with it comes back as the end of a sentence. */
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
  return written === '' ? 1 : `compares the count ${name}: it has no unit '${written}'`;
}

/** Whether it holds; what was never sampled holds nothing. */
export function judgeAssertion(assertion: Assertion, bundle: MeasuredPart): Bundle['assertions'][number] {
  const actual = assertion.metric.of(bundle);
  const ok = actual !== undefined && operators[assertion.operator](actual, assertion.value);
  return { text: assertion.text, ok, actual: actual ?? null };
}

const unitTexts: Readonly<Record<Metric['unit'], string>> = { ms: ' ms', count: '', rate: '/s' };

/** Returns the measured value of an assertion's metric with its unit, `56.095 ms`; empty if there are no samples. */
export function spokenActual({ text, actual }: Bundle['assertions'][number]): string {
  if (actual === null) return '';
  const assertion = parseAssertion(text);
  const unit = typeof assertion === 'string' ? '' : unitTexts[assertion.metric.unit];
  return `${Math.round(actual * 1000) / 1000}${unit}`;
}
