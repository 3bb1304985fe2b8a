import type { BehaviourHost, JsonFields } from '../../plan/index.ts';
import type { RunStage } from '../stage.ts';

/** A device that a behaviour module plays. */
export interface HostedDevice {
  readonly stage: RunStage;
  /** Sends a notification that was due at `dueMs`. */
  notify(name: string, parameters: JsonFields | undefined, dueMs: number): void;
  /** Counts a notification as lost, because too many wait already. */
  omit(): void;
}

/** Returns the run as a device's behaviour module sees it. A module that throws ends the run. */
export function hostOf(device: HostedDevice): BehaviourHost {
  const { stage } = device;
  return {
    seed: stage.plan.seed,
    originMs: stage.planClock.originMs,
    nowMs: () => stage.planMsOf(stage.nowMs),
    schedule: (afterMs, run) => stage.schedule(afterMs, run),
    notify: (name, parameters) => {
      if (stage.isOver) return;
      if (stage.isFull) device.omit();
      else device.notify(name, parameters, stage.nowMs);
    },
    fail: (error) => stage.abort(error),
  };
}
