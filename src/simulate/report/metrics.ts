import { own } from '../../protocol/own.ts';
import {
  accountNames,
  counterNames,
  counterTitles,
  hopNames,
  hopTitles,
  type Bundle,
  type HopFigures,
} from '../measure/bundle.ts';
import type { Unit } from './numbers.ts';

/** One number of a result. */
export interface Metric {
  readonly name: string;
  /** A few words for people. */
  readonly title: string;
  readonly unit: Unit;
  /** Undefined if there are no samples. */
  readonly of: (measured: MeasuredPart) => number | undefined;
}

/** The parts of a result that its numbers come from. */
export interface MeasuredPart extends Pick<Bundle, 'ledger' | 'counters' | 'durationMs' | 'devices'> {
  readonly hops: Readonly<Record<string, HopFigures>>;
}

/** The fields of a hop's figures, by their names in metrics. */
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

const fateTitles = {
  expected: 'expected',
  received: 'arrived',
  lost: 'sent, never arrived',
  unsent: 'due, never sent',
  duplicated: 'arrived twice',
  reordered: 'arrived after a later one',
} as const;

/** Returns all numbers that an assertion can name. */
export function metrics(): Metric[] {
  return [...totals(), ...accounts(), ...counters(), ...hops()];
}

/**
 * Returns the totals of commands, notifications and updates (lost, unsent, duplicated, reordered), and the device
 * count.
 */
function totals(): Metric[] {
  const sums = (['lost', 'unsent', 'duplicated', 'reordered'] as const).map((name): Metric => ({
    name,
    title: `messages ${fateTitles[name]}`,
    unit: 'count',
    of: ({ ledger }) => accountNames.reduce((sum, account) => sum + (ledger[account][name] ?? 0), 0),
  }));
  return [...sums, { name: 'devices', title: 'devices played', unit: 'count', of: ({ devices }) => devices }];
}

function accounts(): Metric[] {
  return accountNames.flatMap((account) =>
    (Object.keys(fateTitles) as (keyof typeof fateTitles)[]).map((fate): Metric => ({
      name: `${account}.${fate}`,
      title: `${account} ${fateTitles[fate]}`,
      unit: 'count',
      of: ({ ledger }) => ledger[account][fate] ?? 0,
    })),
  );
}

function counters(): Metric[] {
  const counts = counterNames.flatMap((name): Metric[] => [
    { name, title: counterTitles[name], unit: 'count', of: (measured) => measured.counters[name] ?? 0 },
    {
      name: `${name}.rate`,
      title: `${counterTitles[name]}, in a second`,
      unit: 'rate',
      of: (measured) => (measured.durationMs === 0 ? 0 : ((measured.counters[name] ?? 0) / measured.durationMs) * 1000),
    },
  ]);
  const share: Metric = {
    name: 'unanswered.share',
    title: `${counterTitles.unanswered}, of all`,
    unit: 'share',
    of: (measured) => shareUnanswered(answersOf(measured)),
  };
  return [...counts, share];
}

function hops(): Metric[] {
  return hopNames.flatMap((hop) =>
    Object.entries(figures).map(([figure, key]): Metric => ({
      name: `${hop}.${figure}`,
      title: hopTitles[hop],
      unit: figure === 'count' ? 'count' : 'ms',
      of: (measured) => {
        const summary = measured.hops[hop];
        return figure === 'count' ? (summary?.count ?? 0) : summary?.count === 0 ? undefined : summary?.[key];
      },
    })),
  );
}

/** How many commands an operator waited for, and how many of those got no answer. */
export interface CommandAnswers {
  readonly asked: number;
  readonly unanswered: number;
}

/** Returns what became of the commands that operators waited for. */
export function answersOf({ hops, counters }: Pick<MeasuredPart, 'hops' | 'counters'>): CommandAnswers {
  const unanswered = counters['unanswered'] ?? 0;
  return { asked: (hops['command.total']?.count ?? 0) + unanswered, unanswered };
}

/** Returns the share of commands without an answer, 0 to 1; undefined if nobody waited for any. */
export function shareUnanswered({ asked, unanswered }: CommandAnswers): number | undefined {
  return asked === 0 ? undefined : unanswered / asked;
}

/** Returns the lost connections: those cut by faults of the plan, and all others. */
export function disconnectsOf(counters: Readonly<Record<string, number>>): { planned: number; unplanned: number } {
  const planned = own(counters, 'plannedDisconnects') ?? 0;
  return { planned, unplanned: Math.max((own(counters, 'disconnects') ?? 0) - planned, 0) };
}
