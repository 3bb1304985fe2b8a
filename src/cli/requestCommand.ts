import { Command, Option } from 'commander';
import { Failure, type Problem } from '../errors.ts';
import { schemaOf, type ActionName, type JsonSchema } from '../protocol/schema.ts';
import { problemsOf, type RequestProblem } from '../protocol/validate.ts';
import { commandFlags, fieldOptions } from './fieldOptions.ts';
import { flagAt, toPayload, toWords, type Flag } from './flags.ts';
import type { Io } from './io.ts';
import { send, type Prepared } from './send.ts';
import { outputOf } from './output.ts';
import { shellQuote } from './shellWords.ts';
import { requestSettings, type CommonValues } from './settings.ts';
import { readValues, type ReadValues } from './values.ts';
import { wordsFor } from './catalog.ts';
import { insertRequestTimeoutMs, waitOf, waitOptions } from './waitOptions.ts';
import type { WaitValues } from './waitFor.ts';

/** The command of one action: `command/update` becomes `devicehive command update`. */
export function requestCommand(action: ActionName, name: string, io: Io): Command {
  const schema = schemaOf(action);
  const command = new Command(name).description(`${schema.title ?? action}.\n\n${schema.description ?? ''}`);
  for (const option of fieldOptions(action)) command.addOption(option);
  if (isList(schema)) command.addOption(new Option('--all', 'fetch everything, page by page'));
  if (action === 'command/insert') for (const option of waitOptions()) command.addOption(option);
  command.addHelpText('after', () => exampleText(requestExamples(action)));
  return command.action(() => runRequest(action, command.opts(), io));
}

export { commandFlags };

/** Whether the action lists something page by page. */
export function isList(schema: JsonSchema): boolean {
  return schema.properties?.['take'] !== undefined;
}

function rawValues(flag: Flag, values: Readonly<Record<string, unknown>>): [string, unknown][] {
  const names = flag.secret ? [flag.name, `${flag.name}-file`] : [flag.name];
  return names.map((name) => [name, values[name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())]]);
}

/** The words of a request on the command line, quoted for a POSIX shell. */
export function oneLiner(action: ActionName, payload: Readonly<Record<string, unknown>>): string {
  return shellLine(wordsOfRequest(action, payload, commandFlags(action)));
}

/** What has no command of its own goes through `request`, as JSON. */
function wordsOfRequest(
  action: ActionName,
  payload: Readonly<Record<string, unknown>>,
  flags: readonly Flag[],
): readonly string[] {
  const words = wordsFor(action);
  if (words !== undefined) return [...words, ...toWords(flags, payload)];
  const data = Object.keys(payload).length === 0 ? [] : ['--data', JSON.stringify(payload)];
  return ['request', action, ...data];
}

function shellLine(words: readonly string[]): string {
  return ['devicehive', ...words].map(shellQuote).join(' ');
}

/** Command lines of an action, made from the examples of its schema; secrets are shown as files. */
export function requestExamples(action: ActionName): string[] {
  const flags = commandFlags(action);
  const open = flags.filter((flag) => !flag.secret);
  const lines = (schemaOf(action).examples ?? []).map((example) => {
    const payload = example as Readonly<Record<string, unknown>>;
    const secrets = flags.filter((flag) => flag.secret && toWords([flag], payload).length > 0);
    const files = secrets.flatMap(({ name }) => [`--${name}-file`, `${name}.txt`]);
    return shellLine([...wordsOfRequest(action, payload, open), ...files]);
  });
  if (action === 'command/insert')
    lines.push('devicehive command insert --device d1 --command reboot --wait=done --fail-on failed --timeout 30s');
  return [...new Set(lines)];
}

/** Examples as help shows them. */
export function exampleText(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

async function runRequest(
  action: ActionName,
  values: CommonValues & WaitValues & { readonly all?: boolean },
  io: Io,
): Promise<void> {
  const output = await outputOf(values, io);
  const settings = requestSettings(values, io);
  const wait = await waitOf(values, settings);
  const payload = await readPayload(action, values, io);
  if (values.all === true && payload['take'] !== undefined) {
    throw new Failure('usage', '--all and --take ask for different numbers of items', { hint: 'Give one of them.' });
  }
  const prepared: Prepared = {
    action,
    payload,
    values,
    output,
    settings: wait === undefined ? settings : { ...settings, timeoutMs: insertRequestTimeoutMs },
    all: values.all === true,
    isCut: isList(schemaOf(action)) && payload['take'] === undefined,
    wait,
  };
  await send(prepared, io);
}

/** The payload that the flags of an action make: asks for what is missing, and throws a `Failure` that tells all problems at once. */
export async function readPayload(
  action: ActionName,
  values: CommonValues,
  io: Io,
): Promise<Readonly<Record<string, unknown>>> {
  const schema = schemaOf(action);
  const flags = commandFlags(action);
  const raw = new Map(flags.flatMap((flag) => rawValues(flag, values as Readonly<Record<string, unknown>>)));
  const read = await readValues(flags, raw, io);
  if (action !== 'authenticate') await completed(action, schema, flags, read, values, io);
  return toPayload(schema, flags, read.values);
}

/** Asks for what is missing, where a person can answer; then everything that is still wrong is told at once. */
async function completed(
  action: ActionName,
  schema: JsonSchema,
  flags: readonly Flag[],
  read: ReadValues,
  values: CommonValues,
  io: Io,
): Promise<void> {
  let problems = problemsOf(action, toPayload(schema, flags, read.values));
  if (problems.some((problem) => problem.missing) && mayAsk(values, io)) {
    const { askForMissing } = await import('./prompt.ts');
    const judge = (flag: Flag, values: ReadonlyMap<Flag, unknown>) =>
      problemsOf(action, toPayload(schema, flags, values)).find(
        ({ missing, path }) => !missing && flagAt(flags, path) === flag,
      )?.message;
    const { colorLevel } = await import('./color.ts');
    const isPlain = colorLevel(values, io, io.stderrIsTerminal) === 0;
    await askForMissing(missingFlags(problems, schema, flags, read), read.values, judge, isPlain, io);
    problems = problemsOf(action, toPayload(schema, flags, read.values));
  }
  const told = allProblems(problems, schema, flags, read);
  if (told.length > 0) throw problemFailure(action, told);
}

/** Whether a person can be asked, and wants to be. */
export function mayAsk(values: CommonValues, io: Io): boolean {
  const { CI, DEVICEHIVE_NO_INPUT } = io.env;
  const forbidden = [CI, DEVICEHIVE_NO_INPUT].some(
    (value) => value !== undefined && value !== '' && value !== '0' && value !== 'false',
  );
  return io.stdinIsTerminal && io.stderrIsTerminal && values.input !== false && !forbidden;
}

interface ToldProblem extends Problem {
  readonly missing: boolean;
}

function allProblems(
  problems: readonly RequestProblem[],
  schema: JsonSchema,
  flags: readonly Flag[],
  read: ReadValues,
): ToldProblem[] {
  const unread = read.problems.map(({ at, message }) => ({ at, message, missing: false }));
  const unreadFlags = new Set(read.problems.map(({ flag }) => flag));
  const rest = problems
    .filter((problem) => !flagsFor(problem, schema, flags).some((flag) => unreadFlags.has(flag)))
    .map((problem) => told(problem, schema, flags));
  return [...rest.filter(({ missing }) => missing), ...unread, ...rest.filter(({ missing }) => !missing)];
}

/** The flags that a problem concerns: one, or the alternatives of a group of which one is needed. */
function flagsFor(problem: RequestProblem, schema: JsonSchema, flags: readonly Flag[]): Flag[] {
  const single = flagAt(flags, problem.path);
  if (single !== undefined) return [single];
  const node = problem.path.reduce<JsonSchema | undefined>((at, name) => at?.properties?.[name], schema);
  const names = (node?.anyOf ?? []).flatMap((branch) => branch.required ?? []);
  const inside = flags.filter((flag) => problem.path.every((name, index) => flag.path[index] === name));
  return names.length === 0 ? inside : inside.filter((flag) => names.includes(flag.path[problem.path.length] ?? ''));
}

function told(problem: RequestProblem, schema: JsonSchema, flags: readonly Flag[]): ToldProblem {
  const concerned = flagsFor(problem, schema, flags);
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

/** Where inside a flag's value: a list's values are counted from 1. */
function insideOf(flag: Flag, path: readonly string[]): string {
  const [index, ...rest] = path;
  return flag.repeatable && index !== undefined ? [`(value ${Number(index) + 1})`, ...rest].join(' ') : path.join('.');
}

function missingFlags(
  problems: readonly RequestProblem[],
  schema: JsonSchema,
  flags: readonly Flag[],
  read: ReadValues,
): Flag[] {
  const unread = new Set(read.problems.map(({ flag }) => flag));
  const asked = problems
    .filter(({ missing }) => missing)
    .flatMap((problem) => flagsFor(problem, schema, flags).slice(0, 1));
  return flags.filter((flag) => asked.includes(flag) && !unread.has(flag));
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
