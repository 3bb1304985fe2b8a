import type { Documents } from '../../../protocol/generated/types.ts';
import { parseDuration } from '../../../protocol/notation/quantities.ts';
import { problemsSeen, type CheckReport, type TriedCase } from './checkSeen.ts';
import type { Fleet, Plan } from '../model.ts';
import { Play } from '../playing/play.ts';
import type { PlayedCommand, PlayedEvent } from '../playing/playOptions.ts';
import { settled } from '../playing/eventList.ts';

/** A case, as scripts and modules write it (schemas/script.json). */
export type CheckCase = Documents['script']['cases'][number];

/** The outcome of one case. */
export interface CheckOutcome {
  readonly name: string;
  /** The problems, one sentence each; empty if the case passed. */
  readonly problems: readonly string[];
  /** The device's reports, in order. */
  readonly reports: readonly CheckReport[];
}

/** A case with the device to try it on. */
export interface Trial {
  readonly name: string;
  /** The number g of the device. */
  readonly g: number;
  readonly case: TriedCase;
}

/** How long a device is watched unless its case says otherwise, in ms. */
const watchedMs = 60_000;

/**
 * Returns the cases as trials of a plan's devices; a text that says what is wrong if a case names a fleet or a device
 * that does not exist.
 */
export function trialsOf(plan: Plan, cases: readonly CheckCase[]): readonly Trial[] | string {
  const trials: Trial[] = [];
  for (const [nth, one] of cases.entries()) {
    const { fleet: id, index = 0, command, parameters } = one;
    const fleet = id === undefined ? plan.fleets[0] : plan.fleets.find((other) => other.id === id);
    if (fleet === undefined)
      return `cases[${nth}].fleet names ${id ?? 'none'}; the plan has ${plan.fleets.map((other) => other.id).join(', ')}`;
    if (index >= fleet.count)
      return `cases[${nth}].index is ${index}, but the fleet ${fleet.id} has ${fleet.count} devices, from 0`;
    const what =
      command === undefined ? 'goes on for a while' : `answers ${command} ${JSON.stringify(parameters ?? {})}`;
    trials.push({ name: one.name ?? what, g: fleet.firstIndex + index, case: one });
  }
  return trials;
}

/**
 * Returns trials for a plan without cases: the first device of each fleet is watched for a minute, and gets each of its
 * commands.
 */
export function everyCommand(plan: Plan): Trial[] {
  return plan.fleets.flatMap((fleet) => {
    const prefix = plan.fleets.length === 1 ? '' : `${fleet.id}: `;
    const names = commandNames(fleet);
    return [
      { name: `${prefix}goes on for a minute`, g: fleet.firstIndex, case: {} },
      ...names.map((name) => ({
        name: `${prefix}answers ${name === '*' ? 'any other command' : name}`,
        g: fleet.firstIndex,
        case: { command: name === '*' ? 'any-other-command' : name },
      })),
    ];
  });
}

/** Returns the names of commands that a fleet answers; a plan may leave others unanswered on purpose. */
function commandNames({ commands, behaviour }: Fleet): string[] {
  const planned = [...commands.values()].filter(({ steps }) =>
    steps.some(({ status, result }) => (status ?? result) !== undefined),
  );
  return [...new Set([...planned.map(({ name }) => name), ...(behaviour?.commands ?? [])])];
}

/** Plays one trial on a virtual clock, without faults. A signal ends it early; its outcome then means nothing. */
export async function tried(plan: Plan, trial: Trial, signal?: AbortSignal): Promise<CheckOutcome> {
  const { g, case: content } = trial;
  const commandMs = content.after === undefined ? 0 : (parseDuration(content.after) ?? 0);
  const events: PlayedEvent[] = [];
  const failures: string[] = [];
  const command: PlayedCommand | undefined =
    content.command === undefined
      ? undefined
      : { atMs: commandMs, target: g, command: content.command, parameters: content.parameters ?? {} };
  const play = new Play({
    plan: faultless(plan),
    shard: { index: g, count: plan.deviceCount },
    clock: { originMs: 0 },
    commands: [command].filter((one) => one !== undefined).values(),
    tell: (event) => {
      if (event.kind !== 'command') events.push(event);
    },
    fail: (error) => failures.push(error.message),
    ...(content.state === undefined ? {} : { state: content.state }),
  });
  const endMs = commandMs + watchedMsOf(content);
  await settled(play);
  while (play.nextAtMs <= endMs && signal?.aborted !== true) {
    play.step();
    if (play.isUnsettled) await settled(play);
  }
  play.stop();
  const reports = events.filter(({ kind }) => kind === 'report').map((event) => reportOf(event, commandMs));
  const seen = { events, reports, state: play.stateOf(g) ?? {} };
  return { name: trial.name, problems: [...failures, ...problemsSeen(content, seen)], reports };
}

/** Returns how long to watch a device, in ms: at least as long as its answer may take. */
function watchedMsOf({ for: length, expect }: TriedCase): number {
  if (length !== undefined) return parseDuration(length) ?? 0;
  return Math.max(watchedMs, parseDuration(expect?.within ?? '0s') ?? 0);
}

function faultless(plan: Plan): Plan {
  const fleets = plan.fleets.map((fleet) => ({ ...fleet, faults: { dropReply: 0, duplicateReply: 0 } }));
  const { rampPerSecond: _ramp, forMs: _for, ...load } = plan.load;
  return { ...plan, fleets, load, traffic: [] };
}

function reportOf({ atMs, parameters }: PlayedEvent, commandMs: number): CheckReport {
  return { afterMs: atMs - commandMs, ...(parameters as Omit<CheckReport, 'afterMs'>) };
}
