import type { Load } from './load.ts';

/** A JSON object: parameters, results, data. */
export type JsonFields = Readonly<Record<string, unknown>>;

/**
 * A plan with everything resolved: durations in ms, rates per second, shares 0..1. Payloads stay templates until they
 * are due.
 */
export interface Plan {
  readonly seed: number;
  readonly fleets: readonly Fleet[];
  /** Devices of all fleets together; they are numbered g = 0 … deviceCount - 1. */
  readonly deviceCount: number;
  readonly traffic: readonly Traffic[];
  readonly load: Load;
  /** As written: `lost == 0`, `command.total.p99 < 500ms`. */
  readonly assertions: readonly string[];
  /** From this time of the plan's clock on, a broken assertion ends the run; absent where none does. */
  readonly stopOnFailureMs?: number;
}

/** Devices that behave alike. */
export interface Fleet {
  /** Template of the ids: `{index}` counts from 0, `{index:04}` pads. */
  readonly id: string;
  /** Template of the names; the ids where absent. */
  readonly name?: string;
  readonly count: number;
  /** The number g of its first device. */
  readonly firstIndex: number;
  /** The number that `{index}` has for its first device. */
  readonly firstNumber: number;
  readonly network?: number;
  readonly deviceType?: number;
  /** Data that the devices are registered with. */
  readonly data?: JsonFields;
  /** The credentials of one of its devices, counted from 0; absent where devices use the run's own. */
  readonly credentials?: (nth: number) => DeviceCredentials;
  readonly state: Template;
  readonly notifications: readonly NotificationPlan[];
  /**
   * The answers to commands, by command name; `*` stands for every other. If neither plan nor behaviour names any
   * command, every command is reported as done at once.
   */
  readonly commands: ReadonlyMap<string, CommandPlan>;
  readonly faults: Faults;
  /** The behaviour module; its commands win over those above. */
  readonly behaviour?: Behaviour;
}

/** The credentials of one device: a token, or a login and its password. */
export type DeviceCredentials =
  { readonly accessToken: string } | { readonly login: string; readonly password: string };

/** A notification that devices send periodically. */
export interface NotificationPlan {
  readonly name: string;
  /** Its number among those of this name in its fleet, from 0. */
  readonly nth: number;
  readonly everyMs: number;
  /** How far each event may lie before or after its time; at most half the period. */
  readonly jitterMs: number;
  /** How many of it each device sends; without end where absent. */
  readonly limit?: number;
  /** `undefined` where the notification has no parameters. */
  readonly parameters: Template | undefined;
}

/** The steps by which a device answers commands of one name. */
export interface CommandPlan {
  /** Its place among the commands of the fleet, from 0. */
  readonly index: number;
  /** The name as the plan has it: `*` for every other. */
  readonly name: string;
  readonly steps: readonly StepPlan[];
}

/** One thing a device does on a command. */
export interface StepPlan {
  readonly status?: string;
  readonly after: Pause;
  readonly set?: Template;
  readonly result?: Template;
}

/** Draws a pause in ms; a fixed one draws nothing. */
export type Pause = (random: Random) => number;

/** The faults of a fleet's devices. Shares are 0..1 of the updates that a device would send. */
export interface Faults {
  readonly dropReply: number;
  readonly duplicateReply: number;
  readonly disconnect?: FaultTimes;
  readonly reconnectStorm?: FaultTimes;
}

/** When connections are lost, and for how long they stay so: once, or again and again. */
export type FaultTimes =
  | { readonly kind: 'every'; readonly everyMs: number; readonly forMs: number }
  | { readonly kind: 'at'; readonly atMs: number; readonly forMs: number };

/** The operators' side: commands that are sent to devices. */
export interface Traffic {
  /** Its place among the plan's traffic, from 0. */
  readonly index: number;
  readonly command: string;
  readonly parameters: Template | undefined;
  readonly ratePerSecond: number;
  /** The devices it goes to: g from `firstTarget` on, `targetCount` of them. */
  readonly firstTarget: number;
  readonly targetCount: number;
  /** The status that ends the command; any update where absent. */
  readonly wait?: string;
  readonly timeoutMs: number;
}

/** One device of the plan, by its number g. */
export interface DevicePlan {
  readonly g: number;
  readonly id: string;
  readonly name: string;
  readonly fleet: Fleet;
}

/**
 * Part `index` of `count` of a run. Device g belongs to shard g mod count, and with it whatever operators send to it.
 */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The state of one device that changes during play; created by `stateOf`. */
export interface DeviceState {
  /** The device's state as plans and behaviours see it. */
  readonly values: Record<string, unknown>;
  /** How many commands it has answered, by `CommandPlan.index`; made at the first one. */
  answered?: number[];
  /** How far the generators of its answers have come; made at the first one that needs a memory. */
  memories?: Map<Template, GeneratorMemory>;
}

/**
 * Where the plan's clock began, in ms since 1970: `timestamp` values are origin + due time, so that they do not depend
 * on lag.
 */
export interface PlanClock {
  readonly originMs: number;
}

/** One notification of one device: when it is due and what it holds; each has its own random stream. */
export interface Series {
  readonly name: string;
  /**
   * When the next one is due, in ms on the plan's clock (0 is the start of the run; a ramp is counted in); `Infinity`
   * when over.
   */
  readonly nextAtMs: number;
  /** The parameters due at `nextAtMs`, which then moves on. */
  produce(state: DeviceState, clock: PlanClock): JsonFields | undefined;
}

/** A command as a device receives it. */
export interface ReceivedCommand {
  readonly command: string | null;
  readonly parameters: JsonFields | null;
}

/** A device's answer to one command: its steps in order. */
export interface DeviceAnswer {
  readonly steps: readonly AnswerStep[];
}

/**
 * One step of an answer: after a pause (counted from the step before, from the arrival for the first one) it changes
 * the state and reports.
 */
export interface AnswerStep {
  readonly afterMs: number;
  /** To be called once, when due, with the due time on the plan's clock. */
  report(atMs: number): DeviceReport;
}

/** A report of a device on a command. It is not sent if it has neither `status` nor `result`. */
export interface DeviceReport {
  readonly status?: string;
  readonly result?: JsonFields;
  /** How often it is sent: a fault may drop it (0) or duplicate it (2). */
  readonly times: 0 | 1 | 2;
}

/** A command that an operator sends. */
export interface TrafficEvent {
  readonly atMs: number;
  /** Its number among all events of its traffic entry, over all shards. */
  readonly k: number;
  readonly traffic: Traffic;
  /** The number g of the device it goes to. */
  readonly target: number;
  readonly parameters: JsonFields | null;
}

/** A connection that is lost on purpose, and kept away for a while. */
export interface FaultEvent {
  readonly atMs: number;
  readonly kind: 'disconnect' | 'reconnect-storm';
  readonly forMs: number;
}

/** A seeded random stream. */
export interface Random {
  /** 0 ≤ value < 1. */
  unit(): number;
}

/** A payload to be: values and value generators, compiled once and shared by all devices. */
export interface Template {
  /** Whether every value of it is a constant. */
  readonly isConstant: boolean;
  /** A memory for one stream of values; undefined where no generator needs one. */
  remember(): GeneratorMemory | undefined;
  /** The value that is due. */
  produce(moment: ValueMoment): JsonFields;
}

/**
 * The memory of the generators of one template and one stream: one slot each (the last value of a walk, the count of a
 * counter).
 */
export type GeneratorMemory = unknown[];

/** The inputs of a generated value. */
export interface ValueMoment {
  readonly random: Random;
  readonly memory: GeneratorMemory | undefined;
  /** The due time on the plan's clock. */
  readonly atMs: number;
  readonly originMs: number;
  readonly state: JsonFields;
  /** Parameters of the command that is answered. */
  readonly parameters: JsonFields | null;
}

/** A loaded behaviour module of a fleet: the commands that it answers, and its start for each device. */
export interface Behaviour {
  /** Where the module lies, for errors. */
  readonly file: string;
  /** Names of the commands that it answers; `*` is every other. */
  readonly commands: readonly string[];
  /** Whether it answers this command; the plan does otherwise. */
  answers(command: string | null): boolean;
  /** Begins to play one device. */
  start(device: DevicePlan, state: DeviceState, host: BehaviourHost): RunningBehaviour;
}

/**
 * The player of a device as its behaviour sees it: the engine on the real clock, `simulate plan` and `check` on a
 * virtual one.
 */
export interface BehaviourHost {
  readonly seed: number;
  readonly originMs: number;
  /** Now, in ms on the plan's clock. */
  nowMs(): number;
  /** Calls back once; the function returned cancels. */
  schedule(afterMs: number, run: () => void): () => void;
  notify(name: string, parameters: JsonFields | undefined): void;
  /** The module threw or returned a value that cannot be sent; `error` names the place in the module. */
  fail(error: Error): void;
}

/** One device that a behaviour plays. */
export interface RunningBehaviour {
  /**
   * Answers a command; `update` may be called any number of times, at once or later. Returns a promise only for async
   * handlers; it settles when the handler does and never rejects.
   */
  command(command: ReceivedCommand, update: (report: DeviceReport) => void): Promise<void> | undefined;
  /** Cancels all timers, and reports no more. */
  stop(): void;
}
