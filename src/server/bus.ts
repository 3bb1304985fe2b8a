import type { Clock } from './clock.ts';

/**
 * Every so manyth is later than the others by `lagShare`: on the real bus 5 of 100 replies swapped (PROTOCOL.md 1.4).
 */
const lagEvery = 20;
const lagShare = 0.5;

/** The longest latency that makes sense, in ms: clients have given up by then. */
export const maxLatencyMs = 60_000;

/**
 * The message bus between the two halves of the real server, as far as clients notice it: pushes and the replies of
 * async actions take their time, so that the replies of later sync actions overtake them (PROTOCOL.md 1.4).
 */
export class Bus {
  /** How long it takes at least, in ms. */
  readonly latencyMs: number;
  readonly #clock: Clock;
  #parcel: (() => void)[] | undefined = undefined;
  #carried = 0;

  constructor(clock: Clock, latencyMs: number) {
    this.#clock = clock;
    this.latencyMs = latencyMs;
  }

  /**
   * Does some work; what it posts comes together later, in its order. Only what may lag is ever overtaken by others.
   */
  carry(work: () => void, mayLag: boolean): void {
    const parcel: (() => void)[] = [];
    this.#parcel = parcel;
    try {
      work();
    } finally {
      this.#parcel = undefined;
      if (parcel.length > 0) this.#send(parcel, mayLag);
    }
  }

  /** Delivers something later: with the rest of the work that is being done, or by itself. */
  post(deliver: () => void): void {
    if (this.#parcel === undefined) this.#send([deliver], false);
    else this.#parcel.push(deliver);
  }

  #send(parcel: readonly (() => void)[], mayLag: boolean): void {
    const lags = mayLag && ++this.#carried % lagEvery === 0;
    this.#clock.schedule(this.latencyMs * (lags ? 1 + lagShare : 1), () => {
      for (const deliver of parcel) deliver();
    });
  }
}
