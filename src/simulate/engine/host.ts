import type { BehaviourHost } from '../plan/index.ts';
import type { SimulatedDevice } from './device.ts';

/** What the behaviour of a device needs of the run. A module that throws ends the run. */
export function hostOf(device: SimulatedDevice): BehaviourHost {
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
