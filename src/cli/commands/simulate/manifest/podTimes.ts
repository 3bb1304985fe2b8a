import type { Plan } from '../../../../simulate/index.ts';

/** Times of a Job and its pods, in seconds. */
export interface PodTimes {
  /** After this time a running Job is ended; undefined for a plan without an end. */
  readonly deadlineS: number | undefined;
  /** How long a pod may take to end when told to. */
  readonly graceS: number;
}

/** The longest a run takes after its plan, in ms: for requests in flight, and for removing devices. */
const drainMs = 30_000;
const cleanUpMs = 60_000;

/** How long registering one device may take, in ms. */
const deviceMs = 10;

/** Time for scheduling, images and other delays of a cluster, in ms, after which a run must have ended by itself. */
const slackMs = 600_000;

/** The longest an interrupted run takes to finish requests in flight and to print its result, in ms. */
const hurriedMs = 30_000;

/** How a run begins and ends. */
interface RunEnds {
  /** How long the first ready part waits for the others. */
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
