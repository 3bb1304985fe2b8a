import type { Documents } from '../../../protocol/generated/types.ts';
import type { JsonFields } from '../model.ts';

type PlanFleet = Documents['plan']['fleets'][number];

/** A step of an answer, as a plan writes it. */
export type BehaviourStep = NonNullable<PlanFleet['commands']>[string][number];

/**
 * The default export of a behaviour module, or its named exports: a fleet as in a plan, with every field optional,
 * whose commands may be functions, and a function called when a device starts. Everything runs on the clock of the run,
 * a virtual one in `simulate plan` and `simulate check`.
 */
export interface BehaviourModule<State extends object = Record<string, unknown>> extends Partial<
  Omit<PlanFleet, 'commands' | 'behaviour' | 'state'>
> {
  /** State that each device starts with; values and value generators. */
  readonly state?: State;
  /** The answers to commands, by command name; `*` stands for every other. */
  readonly commands?: Readonly<Record<string, CommandHandler<State> | readonly BehaviourStep[]>>;
  /** Called once for each device, when it starts. */
  readonly start?: (device: BehaviourDevice<State>) => unknown;
  /** The cases that `simulate check` tries (schemas/script.json). */
  readonly cases?: readonly BehaviourCase[];
}

/** A case of `simulate check` (schemas/script.json). */
export type BehaviourCase = Documents['script']['cases'][number];

/**
 * Answers a command by its result, at once or later (a promise), or by calling `command.update` any number of times; a
 * text is a status.
 */
export type CommandHandler<State extends object = Record<string, unknown>> = (
  device: BehaviourDevice<State>,
  command: BehaviourCommand,
) => CommandAnswer | Promise<CommandAnswer>;

/**
 * The result of a command handler: a status, a status and a result, or nothing if it reports by `command.update` or not
 * at all.
 */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- handlers may return the result of a void call
export type CommandAnswer = string | { readonly status?: string; readonly result?: JsonFields } | undefined | void;

/** One device played by a module. */
export interface BehaviourDevice<State extends object = Record<string, unknown>> {
  readonly id: string;
  /** The number of the device among all devices of the run, from 0. */
  readonly number: number;
  /** State that handlers may change; payloads of the plan can show it. */
  readonly state: State;
  /** Random values from this device's stream: the same in every run with the same seed. */
  readonly random: BehaviourRandom;
  /** Time since the start of the run, in ms. */
  readonly nowMs: number;
  /** The time of day of the run's clock, in ms since 1970. */
  readonly timeMs: number;
  /** Sends a notification. */
  notify(name: string, parameters?: object): void;
  /** Waits on the run's clock: ms, or a duration such as `'2s'`. */
  after(time: number | string): Promise<void>;
  /** Calls back later, once; the returned function cancels. */
  after(time: number | string, run: () => unknown): () => void;
  /** Calls back periodically, first after one period; the returned function cancels. */
  every(period: number | string, run: () => unknown): () => void;
}

/** Random values of one device. */
export interface BehaviourRandom {
  /** Returns a number 0 ≤ value < 1. */
  unit(): number;
  /** Returns a number from `from` up to `to`. */
  between(from: number, to: number): number;
  /** Returns a whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number;
  /** Returns one of the items. */
  pick<Item>(items: readonly Item[]): Item;
}

/** A command for a module to answer. */
export interface BehaviourCommand {
  readonly name: string;
  readonly parameters: JsonFields;
  /** Reports to the operator; call it at once or later, once or more often. */
  update(status: string, result?: object): void;
}
