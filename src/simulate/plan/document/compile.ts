import { documentProblems } from '../../../protocol/validation.ts';
import { compileFleet, FleetCompiler, type PlanDocument, type Surroundings } from './compileFleet.ts';
import { indexReader, withIndex } from '../device.ts';
import type { CsvFile } from '../generators/generator.ts';
import type { Load, LoadStage } from '../load.ts';
import type { Fleet, Plan, Traffic } from '../model.ts';
import { ratePerSecondOf, wholeMs } from '../pauses.ts';
import { Problems, type PlanProblem } from '../problems.ts';
import { pruned } from './pruned.ts';
import { largeProblems } from './sizes.ts';
import { parseAssertion } from '../../report/assertions.ts';

/** The most devices of a plan. */
const maxDevices = 10_000_000;

/** A plan, or all of its problems. */
export type Compiled =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'problems'; readonly problems: readonly PlanProblem[] };

/**
 * Compiles a plan from a file or flags. Returns all problems at once: parts that pass the schema are checked further
 * even if others do not.
 */
export function compilePlan(content: unknown, surroundings: Surroundings): Compiled {
  const wrong = documentProblems('plan', content);
  const document = (wrong.length === 0 ? content : pruned(content, wrong)) as PlanDocument;
  const problems = new Problems();
  const plan = compileAll(document, problems, withTables(surroundings), wrong.length === 0);
  if (wrong.length === 0 && problems.all.length === 0 && !plan.load.allowLarge) largeProblems(plan, problems);
  const isNews = ({ path }: PlanProblem) => !wrong.some((other) => isWithin(path, other.path));
  const all = [...wrong, ...problems.all.filter(isNews)];
  return all.length === 0 ? { kind: 'plan', plan } : { kind: 'problems', problems: all };
}

/** True if a path equals another or lies above it: a problem there follows from the part that was left out. */
function isWithin(path: readonly string[], other: readonly string[]): boolean {
  return path.every((name, index) => other[index] === name);
}

/** Makes each CSV file be read only once. */
function withTables(surroundings: Surroundings): Surroundings {
  const tables = new Map<string, CsvFile | string>();
  return {
    ...surroundings,
    table: (file) => {
      const table = tables.get(file) ?? surroundings.table(file);
      tables.set(file, table);
      return table;
    },
  };
}

function compileAll(document: PlanDocument, problems: Problems, surroundings: Surroundings, isWhole: boolean): Plan {
  let deviceCount = 0;
  const fleets = (document.fleets ?? []).map((fleet, index) => {
    const compiled = compileFleet(fleet, {
      firstIndex: deviceCount,
      problems: problems.at('fleets', index),
      surroundings,
      knowsState: isWhole,
    });
    deviceCount += compiled.count;
    return compiled;
  });
  if (deviceCount > maxDevices) problems.tell(`have ${deviceCount} devices, more than ${maxDevices}`, 'fleets');
  else sharedIds(fleets, problems);
  if (document.load?.connections !== undefined && fleets.some(({ credentials }) => credentials !== undefined))
    problems.tell('cannot be shared by devices that have credentials of their own', 'load', 'connections');
  const stopOnFailure = document['stop-on-failure'];
  return {
    seed: document.seed ?? 0,
    fleets,
    deviceCount,
    traffic: trafficOf(document, { fleets, deviceCount, problems, surroundings }),
    load: loadOf(document.load ?? {}, problems.at('load')),
    assertions: assertionsOf(document.assert ?? [], problems.at('assert')),
    ...(stopOnFailure === undefined
      ? {}
      : { stopOnFailureMs: problems.good(wholeMs(stopOnFailure), 1, 'stop-on-failure') }),
  };
}

/** Refuses two fleets that make the same id. */
function sharedIds(fleets: readonly Fleet[], problems: Problems): void {
  fleets.forEach((fleet, index) => {
    for (const other of fleets.slice(0, index)) {
      const id = mayMeet(other.id, fleet.id) ? shared(other, fleet) : undefined;
      if (id === undefined) continue;
      return problems.tell(`makes the id ${id}, as the fleet ${other.id} does`, 'fleets', String(index), 'id');
    }
  });
}

/** True if the fixed beginnings of two templates allow equal ids. */
function mayMeet(one: string, other: string): boolean {
  const [first = '', second = ''] = [one, other].map((template) => template.split('{')[0]);
  return first.startsWith(second) || second.startsWith(first);
}

function shared(one: Fleet, other: Fleet): string | undefined {
  if (one.id === '' || other.id === '') return undefined;
  const [small, large] = one.count <= other.count ? [one, other] : [other, one];
  const indexOf = indexReader(large.id);
  for (let index = 0; index < small.count; index++) {
    const id = withIndex(small.id, small.firstNumber + index);
    const nth = (indexOf(id) ?? Infinity) - large.firstNumber;
    if (nth >= 0 && nth < large.count) return id;
  }
  return undefined;
}

interface TrafficContext {
  readonly fleets: readonly Fleet[];
  readonly deviceCount: number;
  readonly problems: Problems;
  readonly surroundings: Surroundings;
}

function trafficOf(document: PlanDocument, context: TrafficContext): Traffic[] {
  const { fleets, deviceCount, problems, surroundings } = context;
  const compiler = new FleetCompiler(surroundings, undefined);
  return (document.traffic ?? []).map(({ command = '', parameters, rate, fleet: id, wait, timeout }, index) => {
    const at = problems.at('traffic', index);
    const fleet = id === undefined ? undefined : fleets.find((one) => one.id === id);
    if (id !== undefined && fleet === undefined)
      at.tell(`must be the id of a fleet as it is written: ${fleets.map((one) => one.id).join(', ')}`, 'fleet');
    return {
      index,
      command,
      parameters: parameters === undefined ? undefined : compiler.template(parameters, at.at('parameters'), 'operator'),
      ratePerSecond: rate === undefined ? 1 : at.good(ratePerSecondOf(rate), 1, 'rate'),
      firstTarget: fleet?.firstIndex ?? 0,
      targetCount: fleet?.count ?? deviceCount,
      ...(wait === undefined ? {} : { wait }),
      timeoutMs: at.good(wholeMs(timeout ?? '10s'), 1, 'timeout'),
    };
  });
}

/** Kept as text for the report, but parsed now: a plan with a bad assertion is refused before it runs. */
function assertionsOf(texts: readonly string[], problems: Problems): readonly string[] {
  texts.forEach((text, index) => {
    const assertion = parseAssertion(text);
    if (typeof assertion === 'string') problems.tell(assertion, String(index));
  });
  return texts;
}

function stagesOf(documents: NonNullable<LoadDocument['stages']>, problems: Problems): readonly LoadStage[] {
  // parts that do not pass the schema were left out
  return (documents as readonly Partial<(typeof documents)[number]>[]).map(({ for: length, to = '0%' }, index) => ({
    forMs: problems.at(index).good(wholeMs(length), 1, 'for'),
    share: Number(to.replace('%', '')) / 100,
  }));
}

function lengthOf(stages: readonly LoadStage[]): number {
  return stages.reduce((sum, { forMs }) => sum + forMs, 0);
}

type LoadDocument = NonNullable<PlanDocument['load']>;

function loadOf(document: LoadDocument, problems: Problems): Load {
  const { ramp, for: length, connections } = document;
  const stages = document.stages === undefined ? undefined : stagesOf(document.stages, problems.at('stages'));
  return {
    ...(ramp === undefined ? {} : { rampPerSecond: problems.good(ratePerSecondOf(ramp), 1, 'ramp') }),
    ...(stages === undefined ? {} : { forMs: lengthOf(stages), stages }),
    ...(length === undefined ? {} : { forMs: problems.good(wholeMs(length), 1, 'for') }),
    ...(connections === undefined ? {} : { connections }),
    allowLarge: document['allow-large'] ?? false,
    maxLoopDelayMs: problems.good(wholeMs(document['max-loop-delay'] ?? '250ms'), 1, 'max-loop-delay'),
    maxSendLagMs: problems.good(wholeMs(document['max-send-lag'] ?? '1s'), 1, 'max-send-lag'),
  };
}
