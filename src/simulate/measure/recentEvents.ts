/** One event of a run, for live views. */
export interface RecentEvent {
  /** Ms since the start of the run. */
  readonly atMs: number;
  readonly device: string;
  /** Such as `setMode → done` or `connection lost`. */
  readonly text: string;
}

/** The most events kept. */
export const mostEvents = 10;

/** The last few events. */
export class RecentEvents {
  readonly #events: RecentEvent[] = [];

  add(event: RecentEvent): void {
    this.#events.push(event);
    if (this.#events.length > mostEvents) this.#events.shift();
  }

  /** Returns them, the latest first. */
  list(): RecentEvent[] {
    return this.#events.toReversed();
  }
}
