import { maxArrivingBytes, maxArrivingStrangerBytes, maxRequestBytes, maxStrangerBytes } from './limits.ts';

/** How many bytes may arrive at once. */
export interface IntakeLimits {
  /** For one message or body. */
  readonly each: number;
  /** For all messages and bodies that are not complete yet. */
  readonly sum: number;
}

/** Whether a client has logged in (`user`) or not. */
export type Visitor = 'user' | 'stranger';

/** Memory that a piece of a message takes besides its bytes: measured. */
const pieceWeight = 256;

const defaultLimits: Readonly<Record<Visitor, IntakeLimits>> = {
  user: { each: maxRequestBytes, sum: maxArrivingBytes },
  stranger: { each: maxStrangerBytes, sum: maxArrivingStrangerBytes },
};

/** Bounds the memory of messages and bodies that have not arrived completely, over all connections of a server. */
export class Intake {
  readonly #limits: Readonly<Record<Visitor, IntakeLimits>>;
  readonly #held: Record<Visitor, number> = { user: 0, stranger: 0 };

  constructor(limits: Readonly<Record<Visitor, IntakeLimits>> = defaultLimits) {
    this.#limits = limits;
  }

  /** The most bytes of one message or body. */
  largest(visitor: Visitor): number {
    return this.#limits[visitor].each;
  }

  /** Bytes held at the moment, with what their pieces take besides. */
  held(visitor: Visitor): number {
    return this.#held[visitor];
  }

  /** Adds to what is held, or takes from it. Returns false if it is too much now. */
  hold(visitor: Visitor, bytes: number): boolean {
    this.#held[visitor] += bytes;
    return this.#held[visitor] <= this.#limits[visitor].sum;
  }
}

/** The message or body that is arriving at one connection. */
export class Arrival {
  readonly #intake: Intake;
  #visitor: Visitor = 'stranger';
  #bytes = 0;
  #weight = 0;

  constructor(intake: Intake) {
    this.#intake = intake;
  }

  /**
   * Notes that so many bytes more are kept, or fewer where bytes counted before turn out to be none of the message.
   * Returns false if the whole is too large, or there is no memory for more.
   */
  add(visitor: Visitor, bytes: number): boolean {
    if (this.#bytes + bytes <= 0) {
      this.end();
      return true;
    }
    if (visitor !== this.#visitor) this.#become(visitor);
    this.#bytes += bytes;
    const weight = bytes + pieceWeight;
    this.#weight += weight;
    const hasRoom = this.#intake.hold(visitor, weight);
    return hasRoom && this.#bytes <= this.#intake.largest(visitor);
  }

  /** Call this once it is complete or given up; then the next one may arrive. */
  end(): void {
    if (this.#weight > 0) this.#intake.hold(this.#visitor, -this.#weight);
    this.#bytes = 0;
    this.#weight = 0;
  }

  #become(visitor: Visitor): void {
    this.#intake.hold(this.#visitor, -this.#weight);
    this.#intake.hold(visitor, this.#weight);
    this.#visitor = visitor;
  }
}
