import type { Plan } from '../../../../simulate/index.ts';

/** Times of a Job and its pods, in seconds. */
export interface PodTimes {
  /** After which a Job that still runs is ended; undefined for a plan without an end. */
  readonly deadlineS: number | undefined;
  /** How long a pod that is told to end may take. */
  readonly graceS: number;
}

/** The longest time in ms that a run takes after its plan: for requests in flight, and for removing devices. */
const drainMs = 30_000;
const cleanUpMs = 60_000;

/** Registering a device, whatever the server. */
const deviceMs = 10;

/** Ten minutes for scheduling, images and what else a cluster does; until then a run has ended by itself. */
const slackMs = 600_000;

/** The longest time in ms that an interrupted run takes to finish requests in flight and to print its result. */
const hurriedMs = 30_000;

/** How a run begins and ends. */
interface RunEnds {
  /** How long the first part that is ready waits for the others. */
  readonly startMs: number;
  readonly cleanup?: boolean;
}

/** Returns the times of a plan's pods. */
export function podTimes({ load, deviceCount }: Plan, { startMs, cleanup = false }: RunEnds): PodTimes {
  const endMs = cleanup ? cleanUpMs : 0;
  const aroundMs = startMs + deviceCount * deviceMs + drainMs + endMs + slackMs;
  return {
    deadlineS: load.forMs === undefined ? undefined : Math.ceil((load.forMs + aroundMs) / 1000),
    graceS: (hurriedMs + endMs) / 1000,
  };
}
