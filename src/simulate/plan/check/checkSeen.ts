import { differences } from '../../../protocol/recordings/agreement.ts';
import { Bindings } from '../../../protocol/recordings/bindings.ts';
import type { Documents } from '../../../protocol/generated/types.ts';
import { largeProblem } from '../../../protocol/limits.ts';
import { parseDuration } from '../../../protocol/notation/quantities.ts';
import type { JsonFields } from '../model.ts';
import type { PlayedEvent } from '../playing/playOptions.ts';

/** One report of a device in a case. */
export interface CheckReport {
  /** The time from the arrival of the command, in ms. */
  readonly afterMs: number;
  readonly status?: string;
  readonly result?: JsonFields;
}

function sizeProblems(events: readonly PlayedEvent[]): string[] {
  const found = events.map(({ kind, name, parameters }) =>
    kind === 'report'
      ? largeProblem('command/update', { command: parameters })
      : largeProblem('notification/insert', { notification: { notification: name, parameters } }),
  );
  return [...new Set(found.filter((problem) => problem !== undefined))];
}

/** The messages that a device sent during a case. */
export interface Seen {
  readonly events: readonly PlayedEvent[];
  readonly reports: readonly CheckReport[];
  readonly state: JsonFields;
}

/** Returns the problems of a case: payloads that are too large, and expected messages that did not come. */
export function problemsSeen({ command, expect, for: length = '1m' }: TriedCase, seen: Seen): string[] {
  const sizes = sizeProblems(seen.events);
  if (expect !== undefined) return [...sizes, ...reportProblems(expect, seen), ...valueProblems(expect, seen)];
  const isSilent = command !== undefined && seen.reports.length === 0;
  return isSilent ? [...sizes, `did not answer within ${length}`] : sizes;
}

/** A case, or a trial without expectations. */
export type TriedCase = Omit<ScriptCase, 'expect'> & { readonly expect?: Expectation };

type ScriptCase = Documents['script']['cases'][number];
type Expectation = ScriptCase['expect'];

function reportProblems({ status, statuses, within }: Expectation, { reports }: Seen): string[] {
  const reported = reports.flatMap((report) => (report.status === undefined ? [] : [report.status]));
  const shownStatuses = reported.join(', ') || 'nothing';
  const problems: string[] = [];
  if (status !== undefined && reported.at(-1) !== status)
    problems.push(`reported ${shownStatuses}, not ${status} in the end`);
  if (statuses !== undefined && JSON.stringify(statuses) !== JSON.stringify(reported))
    problems.push(`reported ${shownStatuses}, not ${statuses.join(', ') || 'nothing'}`);
  if (within === undefined) return problems;
  const lastMs = reports.at(-1)?.afterMs;
  if (lastMs === undefined) problems.push(`did not answer within ${within}`);
  else if (lastMs > (parseDuration(within) ?? 0))
    problems.push(`took ${lastMs}ms to its last report, more than ${within}`);
  return problems;
}

function valueProblems({ result, state, notifications = [] }: Expectation, seen: Seen): string[] {
  const reported = seen.reports.findLast((report) => report.result !== undefined)?.result;
  return [
    ...(result === undefined ? [] : different('result', result, reported)),
    ...(state === undefined ? [] : different('state', state, picked(seen.state, state))),
    ...notifications.flatMap((one) => notified(one, seen.events)),
  ];
}

function notified(
  { name, parameters }: { readonly name: string; readonly parameters?: JsonFields },
  events: readonly PlayedEvent[],
): string[] {
  const sent = events.filter((event) => event.kind === 'notification' && event.name === name);
  const [first] = sent;
  if (first === undefined) return [`sent no notification ${name}`];
  const isFound =
    parameters === undefined || sent.some((event) => different('', parameters, event.parameters).length === 0);
  return isFound ? [] : different(`notification ${name}: parameters`, parameters, first.parameters);
}

/** Returns the fields of an object that a pattern has too. */
function picked(object: JsonFields, pattern: JsonFields): JsonFields {
  return Object.fromEntries(Object.entries(object).filter(([name]) => Object.hasOwn(pattern, name)));
}

function different(what: string, expected: JsonFields, actual: unknown): string[] {
  const found = differences(expected, actual, new Bindings(), { isOrdered: true });
  return found.map(
    ({ at, expected: wanted, actual: got }) =>
      `${at === '' ? what : `${what}.${at}`} is ${shown(got)}, not ${shown(wanted)}`,
  );
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
