import { parseShare } from '../../../protocol/notation/quantities.ts';
import type { Documents } from '../../../protocol/generated/types.ts';
import { hasIndex, withIndex } from '../device.ts';
import type { CsvFile } from '../generators/generator.ts';
import type {
  Behaviour,
  CommandPlan,
  Faults,
  Fleet,
  JsonFields,
  NotificationPlan,
  StepPlan,
  Template,
} from '../model.ts';
import { faultTimesOf, jitterOf, pauseOf, wholeMs } from '../pauses.ts';
import type { Problems } from '../problems.ts';
import { deviceCredentials } from './credentials.ts';
import { compileTemplate } from './template.ts';

type Written = Documents['plan'];
type WrittenFleet = Written['fleets'][number];
type WrittenCommands = NonNullable<WrittenFleet['commands']>;

/**
 * A plan as it is written (schemas/plan.json). Required parts may be missing, because parts with problems are left out.
 */
export type PlanDocument = Partial<Omit<Written, 'fleets' | 'traffic'>> & {
  readonly fleets?: readonly FleetDocument[];
  readonly traffic?: readonly Partial<NonNullable<Written['traffic']>[number]>[];
};

type FleetDocument = Partial<Omit<WrittenFleet, 'notifications'>> & {
  readonly notifications?: readonly NotificationDocument[];
};
type NotificationDocument = Partial<NonNullable<WrittenFleet['notifications']>[number]>;
type StepDocument = WrittenCommands[string][number];

/** What compiling a plan needs from outside. */
export interface Surroundings {
  /** Returns a CSV file named by a generator, or its problem as the end of a sentence that begins with the file. */
  table(file: string): CsvFile | string;
  /**
   * Returns the behaviour of the module that a fleet names, given the commands with steps; undefined if it could not be
   * loaded, which was reported.
   */
  behaviour(file: string, planned: ReadonlySet<string>): Behaviour | undefined;
}

/** What compiling a fleet needs from outside. */
export interface FleetContext {
  /** The number of devices in the fleets before it. */
  readonly firstIndex: number;
  readonly problems: Problems;
  readonly surroundings: Surroundings;
  /** False if parts of the document were left out, so that the names in the state are not all known. */
  readonly knowsState: boolean;
}

/** Compiles one fleet. */
export function compileFleet(document: FleetDocument, context: FleetContext): Fleet {
  const { firstIndex, problems, surroundings, knowsState } = context;
  const { id = '', name, count = 1, first = 0, network, deviceType, data } = document;
  const scope = { count, first, table: (file: string) => surroundings.table(file) };
  const credentials =
    document.credentials && deviceCredentials(document.credentials, scope, problems.at('credentials'));
  idProblems({ id, name, first, count }, problems);
  const planned = new Set(Object.keys(document.commands ?? {}));
  const behaviour = document.behaviour === undefined ? undefined : surroundings.behaviour(document.behaviour, planned);
  const compiler = new FleetCompiler(
    surroundings,
    knowsState && document.behaviour === undefined ? stateNames(document) : undefined,
  );
  return {
    id,
    ...(name === undefined ? {} : { name }),
    count,
    firstIndex,
    firstNumber: first,
    ...(network === undefined ? {} : { network }),
    ...(deviceType === undefined ? {} : { deviceType }),
    ...(data === undefined ? {} : { data }),
    ...(credentials === undefined ? {} : { credentials }),
    state: compiler.template(document.state ?? {}, problems.at('state'), 'start'),
    notifications: compiler.notifications(document.notifications ?? [], problems.at('notifications')),
    commands: compiler.commands(document, problems.at('commands'), behaviour),
    faults: faultsOf(document.faults ?? {}, problems.at('faults')),
    ...(behaviour === undefined ? {} : { behaviour }),
  };
}

/** The templates of a fleet's ids and names, and the range of their numbers. */
interface NumberedIds {
  readonly id: string;
  readonly name: string | undefined;
  readonly first: number;
  readonly count: number;
}

/** Reports ids longer than 48 characters and names longer than 128, which DeviceHive refuses (PROTOCOL.md 6). */
function idProblems({ id, name, first, count }: NumberedIds, problems: Problems): void {
  if (id === '') return;
  if (count > 1 && !hasIndex(id)) problems.tell(`needs {index} in it, so that ${count} devices differ`, 'id');
  const longest = Math.max(withIndex(id, first).length, withIndex(id, first + count - 1).length);
  if (longest > 48) problems.tell(`makes ids of ${longest} characters; DeviceHive takes at most 48`, 'id');
  const longestName = name === undefined ? 0 : withIndex(name, first + count - 1).length;
  if (longestName > 128)
    problems.tell(`makes names of ${longestName} characters; DeviceHive takes at most 128`, 'name');
}

/** Returns the names in a device's state, set at the start or by a command. */
function stateNames({ state = {}, commands = {} }: FleetDocument): ReadonlySet<string> {
  const set = Object.values(commands).flatMap((steps) => steps.flatMap((step) => Object.keys(step.set ?? {})));
  return new Set([...Object.keys(state), ...set]);
}

function faultsOf(document: NonNullable<FleetDocument['faults']>, problems: Problems): Faults {
  const disconnect = problems.good(faultTimesOf(document.disconnect), undefined, 'disconnect');
  const reconnectStorm = problems.good(faultTimesOf(document['reconnect-storm']), undefined, 'reconnect-storm');
  return {
    dropReply: parseShare(document['drop-reply'] ?? '') ?? 0,
    duplicateReply: parseShare(document['duplicate-reply'] ?? '') ?? 0,
    ...(disconnect === undefined ? {} : { disconnect }),
    ...(reconnectStorm === undefined ? {} : { reconnectStorm }),
  };
}

/** When a payload is made: before a device speaks, when it speaks by itself, when it answers, or by an operator. */
export type Occasion = 'start' | 'notification' | 'answer' | 'operator';

/** Compiles the payloads of one fleet, or of the operators. */
export class FleetCompiler {
  readonly #surroundings: Surroundings;
  readonly #stateNames: ReadonlySet<string> | undefined;

  constructor(surroundings: Surroundings, stateNames: ReadonlySet<string> | undefined) {
    this.#surroundings = surroundings;
    this.#stateNames = stateNames;
  }

  template(content: JsonFields, problems: Problems, occasion: Occasion): Template {
    return compileTemplate(content, {
      problem: (path, message) => problems.tell(message, ...path),
      table: (file) => this.#surroundings.table(file),
      stateNames: this.#stateNames,
      hasState: occasion === 'notification' || occasion === 'answer',
      hasCommand: occasion === 'answer',
    });
  }

  notifications(documents: readonly NotificationDocument[], problems: Problems): NotificationPlan[] {
    return documents.map((document, index) => {
      const at = problems.at(index);
      const { name = '', every, jitter, limit, parameters } = document;
      const everyMs = every === undefined ? 1 : at.good(wholeMs(every), 1, 'every');
      const nth = documents.slice(0, index).filter((other) => other.name === name).length;
      return {
        name,
        nth,
        everyMs,
        jitterMs: at.good(jitterOf(jitter, everyMs), 0, 'jitter'),
        ...(limit === undefined ? {} : { limit }),
        parameters:
          parameters === undefined ? undefined : this.template(parameters, at.at('parameters'), 'notification'),
      };
    });
  }

  commands(
    { commands = {} }: FleetDocument,
    problems: Problems,
    behaviour: Behaviour | undefined,
  ): ReadonlyMap<string, CommandPlan> {
    const entries = Object.entries(commands).map(([name, steps], index) => {
      const compiled = steps.map((step, nth) => this.#step(step, problems.at(name, nth)));
      return [name, { index, name, steps: compiled }] as const;
    });
    const saysNothing = entries.length === 0 && (behaviour?.commands.length ?? 0) === 0;
    return new Map(saysNothing ? [['*', doneAtOnce]] : entries);
  }

  #step({ status, after, set, result }: StepDocument, problems: Problems): StepPlan {
    return {
      ...(status === undefined ? {} : { status }),
      after: problems.good(pauseOf(after), () => 0, 'after'),
      ...(set === undefined ? {} : { set: this.template(set, problems.at('set'), 'answer') }),
      ...(result === undefined ? {} : { result: this.template(result, problems.at('result'), 'answer') }),
    };
  }
}

const doneAtOnce: CommandPlan = { index: 0, name: '*', steps: [{ status: 'done', after: () => 0 }] };
