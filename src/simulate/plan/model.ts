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
  /** The number of devices of all fleets; they are numbered g = 0 … deviceCount - 1. */
  readonly deviceCount: number;
  readonly traffic: readonly Traffic[];
  readonly load: Load;
  /** As written: `lost == 0`, `command.total.p99 < 500ms`. */
  readonly assertions: readonly string[];
  /** From this time of the plan's clock on, in ms, a broken assertion ends the run; absent if none does. */
  readonly stopOnFailureMs?: number;
}

/** Devices that behave alike. */
export interface Fleet {
  /** Template of the ids: `{index}` counts from 0, `{index:04}` pads. */
  readonly id: string;
  /** Template of the names; absent if they equal the ids. */
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
  /** Returns the credentials of one of its devices, counted from 0; absent if devices use those of the run. */
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
  /** Its number among the fleet's notifications of the same name, from 0. */
  readonly nth: number;
  readonly everyMs: number;
  /** How far each event may lie before or after its regular time; at most half the period. */
  readonly jitterMs: number;
  /** How many each device sends; absent if unlimited. */
  readonly limit?: number;
  /** Undefined if the notification has no parameters. */
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

/** The faults of a fleet's devices. Shares, 0 to 1, are of the updates that a device would send. */
export interface Faults {
  readonly dropReply: number;
  readonly duplicateReply: number;
  readonly disconnect?: FaultTimes;
  readonly reconnectStorm?: FaultTimes;
}

/** When connections are lost and for how long: once, or periodically. */
export type FaultTimes =
  | { readonly kind: 'every'; readonly everyMs: number; readonly forMs: number }
  | { readonly kind: 'at'; readonly atMs: number; readonly forMs: number };

/** Commands that operators send to devices. */
export interface Traffic {
  /** Its place among the traffic of the plan, from 0. */
  readonly index: number;
  readonly command: string;
  readonly parameters: Template | undefined;
  readonly ratePerSecond: number;
  /** The devices it goes to: g from `firstTarget` on, `targetCount` of them. */
  readonly firstTarget: number;
  readonly targetCount: number;
  /** The status that ends the command; absent if any update does. */
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
 * Part `index` of `count` of a run. Device g belongs to shard g mod count, as do the commands that operators send it.
 */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The state of one device that changes during play; created by `stateOf`. */
export interface DeviceState {
  /** The device's state as plans and behaviours see it. */
  readonly values: Record<string, unknown>;
  /** How many commands it has answered, by `CommandPlan.index`; absent before the first. */
  answered?: number[];
  /** The memories of the generators in its answers; absent before the first that needs one. */
  memories?: Map<Template, GeneratorMemory>;
}

/**
 * Where the plan's clock began, in ms since 1970: `timestamp` values are origin + due time, so that they do not depend
 * on lag.
 */
export interface PlanClock {
  readonly originMs: number;
}

/** The notifications of one device and one plan entry; each series has a separate random stream. */
export interface Series {
  readonly name: string;
  /**
   * When the next one is due, in ms on the plan's clock (0 is the start of the run; the device's place in a ramp is
   * included); `Infinity` when the series is over.
   */
  readonly nextAtMs: number;
  /** Returns the parameters of the notification due at `nextAtMs`, and moves on to the next. */
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
 * One step of an answer: after a pause, counted from the step before or from the command's arrival, it changes the
 * state and reports.
 */
export interface AnswerStep {
  readonly afterMs: number;
  /** Returns the report and changes the state; call it once, when due, with the due time on the plan's clock. */
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

/** A planned loss of a connection, and how long it stays away. */
export interface FaultEvent {
  readonly atMs: number;
  readonly kind: 'disconnect' | 'reconnect-storm';
  readonly forMs: number;
}

/** A seeded random stream. */
export interface Random {
  /** Returns a number 0 ≤ value < 1. */
  unit(): number;
}

/** A payload to be made: values and value generators, compiled once and shared by all devices. */
export interface Template {
  /** True if it has no generators. */
  readonly isConstant: boolean;
  /** Returns a memory for one stream of values; undefined if no generator needs one. */
  remember(): GeneratorMemory | undefined;
  /** Returns the payload that is due. */
  produce(moment: ValueMoment): JsonFields;
}

/**
 * The memory of one template's generators for one stream, a slot each: the last value of a walk, the count of a
 * counter.
 */
export type GeneratorMemory = unknown[];

/** The inputs of a generated value. */
export interface ValueMoment {
  readonly random: Random;
  readonly memory: GeneratorMemory | undefined;
  /** The due time, in ms on the plan's clock. */
  readonly atMs: number;
  readonly originMs: number;
  readonly state: JsonFields;
  /** Parameters of the command being answered; null if there are none. */
  readonly parameters: JsonFields | null;
}

/** A fleet's loaded behaviour module: the commands that it answers, and its start for each device. */
export interface Behaviour {
  /** The file of the module, for errors. */
  readonly file: string;
  /** Names of the commands that it answers; `*` is any other. */
  readonly commands: readonly string[];
  /** True if it answers this command; if not, the plan does. */
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
  /** The time in ms on the plan's clock. */
  nowMs(): number;
  /** Calls back once; the returned function cancels. */
  schedule(afterMs: number, run: () => void): () => void;
  notify(name: string, parameters: JsonFields | undefined): void;
  /** Called when the module throws or returns a value that cannot be sent; `error` names the place in the module. */
  fail(error: Error): void;
}

/** One device that a behaviour plays. */
export interface RunningBehaviour {
  /**
   * Answers a command; `update` may be called any number of times, at once or later. Returns a promise only for async
   * handlers; it settles when the handler does and never rejects.
   */
  command(command: ReceivedCommand, update: (report: DeviceReport) => void): Promise<void> | undefined;
  /** Cancels all timers and stops reporting. */
  stop(): void;
}
