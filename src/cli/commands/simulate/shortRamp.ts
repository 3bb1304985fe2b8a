import { spokenCount, spokenMs, spokenRate, startedCount, type Plan } from '../../../simulate/index.ts';
import type { Io } from '../../terminal/io.ts';

/**
 * Returns why a plan ends before all of its devices have started, as the end of a sentence; undefined if it does not.
 */
export function shortRamp(plan: Plan): string | undefined {
  const { deviceCount, load } = plan;
  const { rampPerSecond, forMs } = load;
  if (rampPerSecond === undefined || forMs === undefined || startedCount(plan) === deviceCount) return undefined;
  const rampMs = (deviceCount * 1000) / rampPerSecond;
  return `the ramp of ${spokenRate(rampPerSecond)} takes ${spokenMs(rampMs)}, and the run ends after ${spokenMs(forMs)}`;
}

/** Warns of a plan whose ramp is longer than the plan itself. */
export function warnOfShortRamp(plan: Plan, io: Io): void {
  const why = shortRamp(plan);
  if (why === undefined) return;
  const devices = `${spokenCount(startedCount(plan))} of ${spokenCount(plan.deviceCount)} devices`;
  io.warn(`only ${devices} will start: ${why}. Let it run longer (--for), or ramp up faster (--ramp)`);
}
