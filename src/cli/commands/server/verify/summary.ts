import { isFrame, type Documents } from '../../../../protocol/frames.ts';
import { redactFrame, redactText } from '../../../../protocol/redaction.ts';
import { nameOf, type Conversation } from '../../../target/conversation.ts';
import type { Scenario, StepResult } from './scenario.ts';
import type { Verification } from './verification.ts';

type Document = Documents['verification'];

/** The printed form of a verification: schemas/verification.json. */
export interface Summary extends Omit<Document, 'differences'> {
  readonly differences: readonly ToldDifference[];
}

/** A step in which the server differs from DeviceHive 4.1.0; its frames are JSON of any kind. */
export interface ToldDifference extends Omit<Document['differences'][number], 'sent' | 'expected' | 'received'> {
  readonly sent: unknown;
  readonly expected: unknown;
  readonly received: unknown;
}

/** The number of steps by result. */
export type StepTally = Pick<Summary, 'steps' | 'agree' | 'differ' | 'skipped'>;

/** Returns the results counted, with secrets removed. */
export function summaryOf(
  { apiVersion, caller, results, left, lost }: Verification,
  { connection, embedded }: Conversation,
  profile: Scenario['profile'],
  durationMs: number,
): Summary {
  const total = tallyOf(results);
  return {
    server: nameOf(connection.url, embedded),
    apiVersion,
    user: caller.login,
    administrator: caller.isAdministrator,
    profile,
    outcome: lost !== undefined ? 'lost' : total.differ > 0 || left.length > 0 ? 'differ' : 'agree',
    durationMs: Math.round(durationMs),
    ...total,
    actions: byAction(results),
    differences: results.flatMap(toldDifference),
    missing: reasons(results),
    left: [...left],
  };
}

function tallyOf(results: readonly StepResult[]): StepTally {
  const count = (kind: StepResult['verdict']['kind']) => results.filter(({ verdict }) => verdict.kind === kind).length;
  return { steps: results.length, agree: count('agree'), differ: count('differ'), skipped: count('skipped') };
}

function byAction(results: readonly StepResult[]): Summary['actions'] {
  const names = [...new Set(results.map(({ action }) => action))].sort(inOrder);
  return names.map((action) => ({ action, ...tallyOf(results.filter((result) => result.action === action)) }));
}

/** Compares actions for sorting; anything that is not an action comes last. */
function inOrder(one: string, other: string): number {
  return Number(one === 'other') - Number(other === 'other') || (one < other ? -1 : 1);
}

function reasons(results: readonly StepResult[]): Summary['missing'] {
  const counts = new Map<string, number>();
  for (const { verdict } of results) {
    if (verdict.kind === 'skipped') counts.set(verdict.reason, (counts.get(verdict.reason) ?? 0) + 1);
  }
  return [...counts].map(([needs, steps]) => ({ needs, steps }));
}

function toldDifference({ verdict, ms: _ms, sent, ...where }: StepResult): ToldDifference[] {
  if (verdict.kind !== 'differ') return [];
  const { expected, received, at } = verdict;
  return [{ ...where, sent: safe(sent), expected: safe(expected), received: safe(received), at: [...at] }];
}

/** Returns a value without tokens and passwords. */
function safe(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  return isFrame(value) ? redactFrame(value) : redactFrame({ value })['value'];
}
