import { defaultId } from '../behaviour/behaviours.ts';
import { generatorFromText, generatorGrammar } from './generatorText.ts';
import type { PlanProblem } from '../problems.ts';
import { own, setOwn } from '../../../protocol/own.ts';

/** The plan flags of the command line, as text; undefined if not given. */
export interface PlanFlags {
  readonly devices?: string;
  readonly id?: string;
  readonly notify?: readonly string[];
  readonly on?: readonly string[];
  readonly network?: string;
  readonly deviceType?: string;
  readonly seed?: string;
  readonly for?: string;
  readonly ramp?: string;
  readonly connections?: string;
}

/** A plan with the flags applied. */
export interface Flagged {
  readonly content: unknown;
  /**
   * Returns the flag that a part of the plan comes from, and the rest of the path below it; undefined for parts of the
   * file.
   */
  flagAt(path: readonly string[]): { readonly flag: string; readonly rest: readonly string[] } | undefined;
  /** Flags that cannot be read, each with the end of a sentence. */
  readonly problems: readonly { readonly at: string; readonly message: string }[];
}

/** The grammar of `--notify`, for messages and help. */
const notifyGrammar = 'NAME=GENERATOR every DURATION [jitter SHARE]';

/** The grammar of `--on`, for messages and help. */
const onGrammar = 'COMMAND=STATUS [after DURATION] [result JSON]';

/** Applies the flags to a plan, which they win over, or makes a plan of them alone. */
export function withFlags(content: unknown, flags: PlanFlags): Flagged {
  const writer = new Writer(content);
  writer.numbers(flags);
  flags.notify?.forEach((text) => writer.notify(text));
  flags.on?.forEach((text) => writer.on(text));
  return writer;
}

type Field = Record<string, unknown>;

class Writer implements Flagged {
  readonly content: unknown;
  readonly problems: { at: string; message: string }[] = [];
  readonly #places: { readonly path: readonly string[]; readonly flag: string }[] = [];
  readonly #fleets: readonly Field[];
  /** The commands set by flags in a fleet so far: a second `--on` for the same adds a second step. */
  readonly #commands = new Set<string>();
  readonly #notifications = new Set<string>();

  constructor(content: unknown) {
    const plan = content === undefined ? { fleets: [{ id: defaultId }] } : structuredClone(content);
    this.content = plan;
    const fleets = isField(plan) && Array.isArray(plan['fleets']) ? (plan['fleets'] as unknown[]) : [];
    this.#fleets = fleets.filter(isField);
  }

  flagAt(path: readonly string[]): { flag: string; rest: readonly string[] } | undefined {
    const found = this.#places.findLast((place) => place.path.every((name, index) => path[index] === name));
    return found === undefined ? undefined : { flag: found.flag, rest: path.slice(found.path.length) };
  }

  numbers(flags: PlanFlags): void {
    const { devices, id, network, deviceType, seed, ramp, connections } = flags;
    this.#only('--devices', 'count', devices === undefined ? undefined : numberOf(devices));
    this.#only('--id', 'id', id);
    this.#each('--network', 'network', network === undefined ? undefined : numberOf(network));
    this.#each('--device-type', 'deviceType', deviceType === undefined ? undefined : numberOf(deviceType));
    this.#top('--seed', ['seed'], seed === undefined ? undefined : numberOf(seed));
    this.#top('--for', ['load', 'for'], flags.for);
    this.#top('--ramp', ['load', 'ramp'], ramp === undefined || ramp.includes('/') ? ramp : `${ramp}/s`);
    this.#top('--connections', ['load', 'connections'], connections === undefined ? undefined : numberOf(connections));
  }

  /**
   * `NAME=GENERATOR every DURATION [jitter SHARE]` sends `{"value": …}` and replaces the plan's notifications of that
   * name.
   */
  notify(text: string): void {
    const [, name = '', rest = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    const { generator, every, jitter } = pacedOf(rest);
    const at = `--notify '${text}'`;
    if (name.trim() === '' || generator === undefined || every === undefined)
      return this.#wrong(at, `must be ${notifyGrammar}, such as 'temperature=walk(18,26,0.3) every 5s'`);
    const spelled = generatorFromText(generator);
    if (spelled.kind === 'wrong') return this.#wrong(at, `${spelled.message}\n    ${generatorGrammar()}`);
    const notification = {
      name: name.trim(),
      every,
      ...(jitter === undefined ? {} : { jitter }),
      parameters: { value: spelled.value },
    };
    this.#fleets.forEach((fleet, index) => {
      const before = Array.isArray(fleet['notifications']) ? (fleet['notifications'] as unknown[]) : [];
      const isOther = (one: unknown) => !isField(one) || one['name'] !== notification.name;
      const kept = this.#notifications.has(notification.name) ? before : before.filter(isOther);
      fleet['notifications'] = [...kept, notification];
      this.#place(at, 'fleets', String(index), 'notifications', String(kept.length));
    });
    this.#notifications.add(notification.name);
  }

  /**
   * `COMMAND=STATUS [after DURATION] [result JSON]` replaces the plan's steps; several for one command are its steps.
   */
  on(text: string): void {
    const [, name = '', rest = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    const { status, after, result } = stepOf(rest);
    const at = `--on '${text}'`;
    if (name.trim() === '' || status === '' || /\s(?:after|result)$/.test(status))
      return this.#wrong(at, `must be ${onGrammar}, such as 'reboot=done after 2s'`);
    const parsed = result === undefined ? undefined : objectOf(result);
    if (typeof parsed === 'string') return this.#wrong(at, parsed);
    const step = {
      status,
      ...(after === undefined ? {} : { after }),
      ...(parsed === undefined ? {} : { result: parsed }),
    };
    const command = name.trim();
    this.#fleets.forEach((fleet, index) => {
      const commands = isField(fleet['commands']) ? fleet['commands'] : {};
      const before = this.#commands.has(command) ? (own(commands, command) as unknown[]) : [];
      fleet['commands'] = { ...commands, [command]: [...before, step] };
      this.#place(at, 'fleets', String(index), 'commands', command, String(before.length));
    });
    this.#commands.add(command);
  }

  /** Sets a field of the only fleet; refuses if the plan has several, because it is unclear which is meant. */
  #only(flag: string, name: string, value: unknown): void {
    if (value === undefined) return;
    const [fleet, ...others] = this.#fleets;
    if (others.length > 0) return this.#wrong(flag, `needs a plan with one fleet; this one has ${this.#fleets.length}`);
    if (fleet === undefined) return;
    setOwn(fleet, name, value);
    this.#place(flag, 'fleets', '0', name);
  }

  #each(flag: string, name: string, value: unknown): void {
    if (value === undefined) return;
    this.#fleets.forEach((fleet, index) => {
      setOwn(fleet, name, value);
      this.#place(flag, 'fleets', String(index), name);
    });
  }

  #top(flag: string, path: readonly [string] | readonly [string, string], value: unknown): void {
    if (value === undefined || !isField(this.content)) return;
    const [name, deeper] = path;
    const before = own(this.content, name);
    setOwn(this.content, name, deeper === undefined ? value : { ...(isField(before) ? before : {}), [deeper]: value });
    this.#place(flag, ...path);
  }

  #place(flag: string, ...path: readonly string[]): void {
    this.#places.push({ path, flag });
  }

  #wrong(at: string, message: string): void {
    this.problems.push({ at, message });
  }
}

/** Returns a number, or the text if it is not one; the schema then says what it must be. */
function numberOf(text: string): unknown {
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function isField(value: unknown): value is Field {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectOf(text: string): Field | string {
  try {
    const value = JSON.parse(text) as unknown;
    return isField(value) ? value : 'needs a JSON object as its result';
  } catch {
    return 'has a result that is not JSON';
  }
}

/** Separates the problems of a plan: those of flags, reported by flag, and those of the file. */
export function sorted(
  flagged: Flagged,
  problems: readonly PlanProblem[],
): {
  readonly ofFlags: readonly { readonly at: string; readonly message: string }[];
  readonly ofFile: readonly PlanProblem[];
} {
  const ofFlags = new Map(flagged.problems.map((problem) => [`${problem.at} ${problem.message}`, problem]));
  const ofFile: PlanProblem[] = [];
  for (const problem of problems) {
    const found = flagged.flagAt(problem.path);
    if (found === undefined) {
      ofFile.push(problem);
      continue;
    }
    const what = found.rest.at(-1);
    const message = what === undefined ? problem.message : `${what} ${problem.message}`;
    ofFlags.set(`${found.flag} ${message}`, { at: `${found.flag}${what === undefined ? '' : ':'}`, message });
  }
  return { ofFlags: [...ofFlags.values()], ofFile };
}

/** Splits `GENERATOR every DURATION [jitter SHARE]` in linear time; missing parts are undefined. */
function pacedOf(text: string): { readonly generator?: string; readonly every?: string; readonly jitter?: string } {
  const at = ` ${text}`.search(/\severy\s/);
  if (at < 0) return {};
  const [every = '', word, jitter, ...others] = text
    .slice(at + 'every'.length + 1)
    .trim()
    .split(/\s+/);
  if (every === '' || others.length > 0) return {};
  const paced = { generator: text.slice(0, Math.max(0, at - 1)).trimEnd(), every };
  if (word === undefined) return paced;
  return word === 'jitter' && jitter !== undefined ? { ...paced, jitter } : {};
}

/** Splits `STATUS [after DURATION] [result JSON]` in linear time; missing parts are undefined. */
function stepOf(text: string): { readonly status: string; readonly after?: string; readonly result?: string } {
  const at = text.search(/\sresult\s/);
  const found = at < 0 ? '' : text.slice(at + 'result'.length + 1).trim();
  const start = (found === '' ? text : text.slice(0, at)).trim();
  const rest = found === '' ? {} : { result: found };
  const words = start.split(/\s+/);
  const [keyword, after = ''] = words.slice(-2);
  if (words.length < 3 || keyword !== 'after') return { status: start, ...rest };
  const end = start.lastIndexOf(keyword, start.length - after.length - 1);
  return { status: start.slice(0, end).trim(), after, ...rest };
}
