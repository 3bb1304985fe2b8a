import type { Clock } from './clock.ts';

/**
 * Every `lagEvery`th delivery takes longer than the others by `lagShare`; on the real bus 5 of 100 replies changed
 * places (PROTOCOL.md 1.4).
 */
const lagEvery = 20;
const lagShare = 0.5;

/** The longest latency that makes sense: by then clients have given up. */
export const maxLatencyMs = 60_000;

/**
 * Imitates the message bus between frontend and backend of the real server: pushes and the replies of async actions
 * arrive late, so that replies to later sync requests overtake them (PROTOCOL.md 1.4).
 */
export class Bus {
  /** The usual delay of a delivery, in ms. */
  readonly latencyMs: number;
  readonly #clock: Clock;
  #parcel: (() => void)[] | undefined = undefined;
  #carried = 0;

  constructor(clock: Clock, latencyMs: number) {
    this.#clock = clock;
    this.latencyMs = latencyMs;
  }

  /**
   * Runs `work` and delivers everything that it posts together, later, in the same order. Deliveries overtake each
   * other only if `mayLag` is set.
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

  /** Delivers later: together with the rest of the work that `carry` is running, or alone. */
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
