import type { FaultEvent, JsonFields, Plan, PlanClock, ReceivedCommand, Shard } from '../model.ts';

/**
 * One planned event of a run. Reports follow their command at once, because it takes no time to arrive here.
 * `parameters` of a report are its status and result; those of a lost connection say how long it stays away.
 */
export interface PlayedEvent {
  readonly atMs: number;
  readonly device: string;
  readonly kind: 'notification' | 'command' | 'report' | FaultEvent['kind'];
  readonly name: string;
  readonly parameters: unknown;
}

/** A command that arrives at a device at a given time. */
export interface PlayedCommand extends ReceivedCommand {
  readonly atMs: number;
  /** The number g of the device. */
  readonly target: number;
}

/** The options of a play. */
export interface PlayOptions {
  readonly plan: Plan;
  readonly shard: Shard;
  readonly clock: PlanClock;
  /** The commands to the devices of the shard, in order of time; absent if there are none. */
  readonly commands?: Iterator<PlayedCommand, void, undefined>;
  /** Called with every event, in order of time. */
  readonly tell: (event: PlayedEvent) => void;
  /** Called with the error of a behaviour module. */
  readonly fail: (error: Error) => void;
  /** Start states that replace those of the plan. */
  readonly state?: JsonFields;
}
