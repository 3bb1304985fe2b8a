/** The load and the limits of a run. */
export interface Load {
  /** Devices that start in a second; all at once where absent. */
  readonly rampPerSecond?: number;
  /** Length of the run on the plan's clock; until stopped where absent. */
  readonly forMs?: number;
  /** Sockets for all devices together; one each where absent. */
  readonly connections?: number;
  /** Whether payloads over 900 KiB are sent. */
  readonly allowLarge: boolean;
  /** Event-loop delay p99, over any 10 s, above which the generator is saturated. */
  readonly maxLoopDelayMs: number;
  /** Send lag p99, over any 10 s, above which the generator is saturated. */
  readonly maxSendLagMs: number;
  /** Shares of the traffic's rates over time; absent where they stay. */
  readonly stages?: readonly LoadStage[];
}

/** A stage of the load: it leads evenly from the share before, 0 at first, to its own. */
export interface LoadStage {
  readonly forMs: number;
  /** 1 is the rate that the traffic names. */
  readonly share: number;
}
