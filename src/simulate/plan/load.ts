/** The load and the limits of a run. */
export interface Load {
  /** Devices that start per second; absent if all start at once. */
  readonly rampPerSecond?: number;
  /** Length of the run on the plan's clock, in ms; absent if it runs until stopped. */
  readonly forMs?: number;
  /** Sockets for all devices together; absent if each has its own. */
  readonly connections?: number;
  /** True if payloads over 900 KiB may be sent. */
  readonly allowLarge: boolean;
  /** The generator is saturated when the 99th percentile of the event-loop delay over 10 s is above this, in ms. */
  readonly maxLoopDelayMs: number;
  /** The generator is saturated when the 99th percentile of the send lag over 10 s is above this, in ms. */
  readonly maxSendLagMs: number;
  /** Changes of the traffic's rates over time; absent if they are constant. */
  readonly stages?: readonly LoadStage[];
}

/** A stage of the load: its share changes evenly from that of the stage before, or 0, to this one. */
export interface LoadStage {
  readonly forMs: number;
  /** The share of the traffic's rates at its end; 1 is the whole rate. */
  readonly share: number;
}
