import type { DevicePlan, DeviceState, Json, ReceivedCommand, Report } from '../model.ts';

/** What a behaviour module adds to a fleet: commands that it answers itself, and what a device does from its start. */
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

/** What a behaviour needs of whoever plays its device: the engine on the real clock, `simulate plan` and `check` on a virtual one. */
export interface BehaviourHost {
  readonly seed: number;
  readonly originMs: number;
  /** Now, in ms on the plan's clock. */
  nowMs(): number;
  /** Calls back once; the function returned cancels. */
  schedule(afterMs: number, run: () => void): () => void;
  notify(name: string, parameters: Json | undefined): void;
  /** The module threw, or gave what cannot be sent: an expected failure of the user's, with the place in the module. */
  fail(error: Error): void;
}

/** One device that a behaviour plays. */
export interface RunningBehaviour {
  /** A command that the behaviour answers; `update` may be called any number of times, at once or later. A promise settles when the handler, which then is one that waits, has returned; it never rejects. */
  command(command: ReceivedCommand, update: (report: Report) => void): Promise<void> | undefined;
  /** Cancels all timers, and reports no more. */
  stop(): void;
}
