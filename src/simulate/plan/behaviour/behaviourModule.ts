import { documentProblems } from '../../../protocol/validation.ts';
import { isFrame } from '../../../protocol/frames.ts';
import type { Behaviour, JsonFields } from '../model.ts';
import type { BehaviourModule, CommandHandler } from './behaviourApi.ts';
import { BehaviourRun } from './behaviourRun.ts';
import type { PlanProblem } from '../problems.ts';
import { loadUserModule } from './userModule.ts';
import { own } from '../../../protocol/own.ts';

/** A loaded behaviour module: its part of the plan, its functions, and its cases to check. */
export interface LoadedBehaviour {
  readonly file: string;
  /** Fields of a fleet, without functions. */
  readonly fleet: JsonFields;
  readonly handlers: ReadonlyMap<string, CommandHandler>;
  readonly start: BehaviourModule['start'];
  /** Cases for `simulate check`; undefined if it exports none. */
  readonly cases: unknown;
  /** The problems of the module, with paths relative to it. */
  readonly problems: readonly PlanProblem[];
}

/**
 * Loads a behaviour module: its default export, or its named exports. Throws an invalid `Failure` if it cannot be
 * loaded.
 */
export async function loadBehaviour(file: string): Promise<LoadedBehaviour> {
  const content = contentOf(await loadUserModule(file));
  const { commands = {}, start, cases, ...rest } = content ?? {};
  const entries = isFrame(commands) ? Object.entries(commands) : [];
  const steps = entries.filter(([, value]) => typeof value !== 'function');
  const declared = isFrame(commands) ? Object.fromEntries(steps) : commands;
  const fleet = isFrame(declared) && steps.length === 0 ? rest : { ...rest, commands: declared };
  const isStart = start === undefined || typeof start === 'function';
  return {
    file,
    fleet,
    handlers: new Map(entries.filter((entry): entry is [string, CommandHandler] => typeof entry[1] === 'function')),
    start: isStart ? (start as BehaviourModule['start']) : undefined,
    cases,
    problems: [
      ...(content === undefined
        ? [{ path: [], message: 'must export an object by default, or commands and start by name' }]
        : []),
      ...(isStart ? [] : [{ path: ['start'], message: 'must be a function' }]),
      ...fleetProblems(fleet),
    ],
  };
}

/** Returns the problems of the fields that a module shares with plans, checked as in a plan. */
function fleetProblems(fleet: JsonFields): PlanProblem[] {
  const problems = documentProblems('plan', { fleets: [{ id: 'any', ...fleet }] })
    .map(({ path, message }) => ({ path: path.slice(2), message }))
    .filter(({ path: [name] }) => name !== 'behaviour');
  return fleet['behaviour'] === undefined
    ? problems
    : [...problems, { path: ['behaviour'], message: 'cannot be given in a module' }];
}

/**
 * Returns the exports of a module. A CommonJS module arrives as the default of the import, and may have a default
 * itself; named exports are added to it.
 */
function contentOf(module: unknown): JsonFields | undefined {
  if (!isFrame(module)) return undefined;
  const { default: given, __esModule, 'module.exports': _common, ...named } = module;
  if (given === undefined) return named;
  if (!isFrame(given)) return undefined;
  if (__esModule !== true && given['__esModule'] === true) return contentOf(given);
  return { ...named, ...given };
}

/**
 * Returns the behaviour of a fleet whose plan has steps for the commands `planned`: a function of the module for a name
 * wins over steps, and steps over its function for any other name.
 */
export function behaviourOf(loaded: LoadedBehaviour, planned: ReadonlySet<string>): Behaviour {
  const { file, handlers, start } = loaded;
  return {
    file,
    commands: [...handlers.keys()],
    answers: (command) => {
      const name = command ?? '';
      return handlers.has(name) || (handlers.has('*') && !planned.has(name));
    },
    start: (device, state, host) => {
      const run = new BehaviourRun(device, state, host, loaded);
      run.begin(start);
      return run;
    },
  };
}

/**
 * Returns a fleet of a plan joined with its module. The plan's fields win; state and commands are joined by name, and
 * of commands the module's win.
 */
export function joinedFleet(fleet: JsonFields, { fleet: module, handlers }: LoadedBehaviour): JsonFields {
  const of = (name: string): [JsonFields, JsonFields] => [asFields(own(module, name)), asFields(own(fleet, name))];
  const [moduleState, planState] = of('state');
  const [moduleCommands, planCommands] = of('commands');
  const kept = Object.fromEntries(Object.entries(planCommands).filter(([name]) => !handlers.has(name)));
  const state = { ...moduleState, ...planState };
  const commands = { ...kept, ...moduleCommands };
  const notifications = [...asList(module['notifications']), ...asList(fleet['notifications'])];
  return {
    ...module,
    ...fleet,
    ...(Object.keys(state).length === 0 ? {} : { state }),
    ...(Object.keys(commands).length === 0 ? {} : { commands }),
    ...(notifications.length === 0 ? {} : { notifications }),
  };
}

function asFields(value: unknown): JsonFields {
  return isFrame(value) ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
