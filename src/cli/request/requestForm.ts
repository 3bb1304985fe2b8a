import { Failure, type Problem } from '../../errors.ts';
import { schemaOf, type ActionName, type JsonSchema } from '../../protocol/schema.ts';
import { problemsOf, type RequestProblem } from '../../protocol/validation.ts';
import { wordsFor } from '../flags/commandWords.ts';
import { flagAt, toPayload, type Flag } from '../flags/flags.ts';
import type { FieldPrompts, Judge } from './prompt.ts';
import type { ReadValues } from '../flags/values.ts';
import { own } from '../../protocol/own.ts';

/** The fields of an action's request, and what has been filled in. */
export interface RequestForm {
  readonly action: ActionName;
  readonly schema: JsonSchema;
  readonly flags: readonly Flag[];
  readonly values: Map<Flag, unknown>;
}

/** A form with these flags of the action and their values. */
export function formOf(action: ActionName, flags: readonly Flag[], values = new Map<Flag, unknown>()): RequestForm {
  return { action, schema: schemaOf(action), flags, values };
}

/** The payload that a form makes. */
export function payloadOf({ schema, flags, values }: RequestForm): Record<string, unknown> {
  return toPayload(schema, flags, values);
}

/** Returns a judge of values by the form's schema. */
export function judgeOf(form: RequestForm): Judge {
  return (flag, values) =>
    problemsOf(form.action, payloadOf({ ...form, values: new Map(values) })).find(
      ({ missing, path }) => !missing && flagAt(form.flags, path) === flag,
    )?.message;
}

/** Asks for the missing fields in the order of the schema; of alternatives, for the next if one is left empty. */
export async function askForMissing(form: RequestForm, prompts: FieldPrompts): Promise<void> {
  const asked = new Set<Flag>();
  for (;;) {
    const groups = problemsOf(form.action, payloadOf(form))
      .filter(({ missing }) => missing)
      .map((problem) => flagsFor(problem, form))
      .map((group) => group.filter((flag) => !asked.has(flag)));
    const flag = form.flags.find((candidate) => groups.some(([first]) => first === candidate));
    if (flag === undefined) return;
    const group = groups.find(([first]) => first === flag) ?? [];
    const [, other, third] = group;
    if (third !== undefined)
      await askForSome(await prompts.choose('At least one of these', group, true), form, prompts);
    else {
      const answer = await prompts.ask(flag, form.values, other && `empty: --${other.name} instead`);
      if (answer !== undefined) form.values.set(flag, answer);
    }
    for (const done of third === undefined ? [flag] : group) asked.add(done);
  }
}

/** Asks for these flags; what is left empty is left out. */
export async function askForSome(flags: readonly Flag[], form: RequestForm, prompts: FieldPrompts): Promise<void> {
  for (const flag of flags) {
    const answer = await prompts.ask(flag, form.values, 'empty: left out');
    if (answer === undefined) form.values.delete(flag);
    else form.values.set(flag, answer);
  }
}

/** True if a form lacks a required field. */
export function isIncomplete(form: RequestForm): boolean {
  return problemsOf(form.action, payloadOf(form)).some(({ missing }) => missing);
}

/** Returns one failure with all problems of a form, unreadable values included; undefined if there are none. */
export function formFailure(
  form: RequestForm,
  read: ReadValues['problems'] = [],
  of: 'all' | 'given' = 'all',
): Failure | undefined {
  const problems = allProblems(form, read).filter(({ missing }) => of === 'all' || !missing);
  return problems.length === 0 ? undefined : problemFailure(form.action, problems);
}

interface ToldProblem extends Problem {
  readonly missing: boolean;
}

function allProblems(form: RequestForm, read: ReadValues['problems']): ToldProblem[] {
  const unread = read.map(({ at, message }) => ({ at, message, missing: false }));
  const unreadFlags = new Set(read.map(({ flag }) => flag));
  const rest = problemsOf(form.action, payloadOf(form))
    .filter((problem) => !flagsFor(problem, form).some((flag) => unreadFlags.has(flag)))
    .map((problem) => told(problem, form));
  return [...rest.filter(({ missing }) => missing), ...unread, ...rest.filter(({ missing }) => !missing)];
}

/** Returns the flags that a problem is about: one, or all alternatives of a group that needs one. */
function flagsFor(problem: RequestProblem, { schema, flags }: RequestForm): Flag[] {
  const single = flagAt(flags, problem.path);
  if (single !== undefined) return [single];
  const node = problem.path.reduce<JsonSchema | undefined>((at, name) => own(at?.properties, name), schema);
  const names = (node?.anyOf ?? []).flatMap((branch) => branch.required ?? []);
  const inside = flags.filter((flag) => problem.path.every((name, index) => flag.path[index] === name));
  return names.length === 0 ? inside : inside.filter((flag) => names.includes(flag.path[problem.path.length] ?? ''));
}

function told(problem: RequestProblem, form: RequestForm): ToldProblem {
  const concerned = flagsFor(problem, form);
  const names = concerned.map((flag) => `--${flag.name}`);
  const [only] = concerned;
  if (only !== undefined && concerned.length === 1) {
    const inside = insideOf(only, problem.path.slice(only.path.length));
    const message = inside === '' ? problem.message : `${inside} ${problem.message}`;
    const secret = only.secret && problem.missing ? ` (or --${only.name}-file)` : '';
    return { at: `--${only.name}`, message: `${message}${secret}`, missing: problem.missing };
  }
  if (names.length > 1) return { at: `one of ${names.join(', ')}`, message: 'is required', missing: true };
  return { at: problem.at, message: problem.message, missing: problem.missing };
}

/** Returns the place inside a flag's value, as text; values of a list are counted from 1. */
function insideOf(flag: Flag, path: readonly string[]): string {
  const [index, ...rest] = path;
  return flag.repeatable && index !== undefined ? [`(value ${Number(index) + 1})`, ...rest].join(' ') : path.join('.');
}

function problemFailure(action: ActionName, problems: readonly ToldProblem[]): Failure {
  const [first] = problems;
  const kind = problems.some(({ missing }) => missing) ? 'usage' : 'invalid';
  const command = (wordsFor(action) ?? [action.replace('/subscribe', ' watch')]).join(' ');
  const what =
    problems.length === 1 && first !== undefined
      ? `${first.at} ${first.message}`
      : `${problems.length} problems, nothing was sent`;
  const hint = `Help and examples: devicehive ${command} --help`;
  return new Failure(kind, what, { hint, action, problems: problems.map(({ at, message }) => ({ at, message })) });
}
