import { nowMs } from '../clock.ts';
import { Deadlines, type Deadline, type DeadlineLane } from '../deadlines.ts';

/** How long a peer has to answer a ping, in ms. */
const pongMs = 10_000;
/** A timer that rings so much too late, in ms, tells of this process, not of the peer. */
const lateMs = 1000;
/** The first pings of sockets that open together are spread over half of the time between two, in so many steps. */
const steps = 25;

/** The connection that a heartbeat watches over. */
export interface Beating {
  /** Counts sockets of this process from 1. */
  readonly number: number;
  readonly bytesRead: number;
  ping(): void;
  /** Nothing has come for too long: the connection counts as lost. */
  fallSilent(reason: string): void;
}

/** One timer for the sockets of this process. */
const beats = new Deadlines();
let beating = 0;

/**
 * Pings a peer every `pingMs`, and takes the connection for lost where nothing at all comes within 10 s: a proxy, a
 * router or a stopped server says nothing when it forgets a connection. Where this process itself was late, because it
 * slept or is overloaded, it asks once more first.
 */
export class Heartbeat implements Deadline {
  lane: DeadlineLane | undefined = undefined;
  before: Deadline | undefined = undefined;
  after: Deadline | undefined = undefined;
  dueMs = 0;
  readonly #socket: Beating;
  readonly #pingMs: number;
  /** The bytes that had been read when the unanswered ping was sent. */
  #readBefore: number | undefined = undefined;
  /** The ping is the second one of this beat. */
  #isSecond = false;
  #hasEnded = false;

  constructor(socket: Beating, pingMs: number) {
    this.#socket = socket;
    this.#pingMs = pingMs;
    beating++;
    const earlierMs = ((socket.number % steps) * pingMs) / (2 * steps);
    beats.add(this, Math.max(Math.round(pingMs - earlierMs), 1), nowMs());
  }

  due(): void {
    const isLate = nowMs() - this.dueMs > lateMs;
    if (this.#readBefore === undefined) this.#ping();
    // timers ring before sockets are read: what came while this process was busy is read in this turn of the event loop
    else setImmediate(() => this.#judge(isLate));
  }

  /** A pong came. */
  ponged(): void {
    if (this.#readBefore === undefined || this.#hasEnded) return;
    beats.delete(this);
    this.#answered(this.#pingMs);
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    beats.delete(this);
    if (--beating === 0) beats.clear();
  }

  /** The time for the answer counts from the next turn of the event loop: only then the ping is on its way. */
  #ping(): void {
    this.#readBefore = this.#socket.bytesRead;
    this.#socket.ping();
    setImmediate(() => {
      if (!this.#hasEnded && this.#readBefore !== undefined) beats.add(this, pongMs, nowMs());
    });
  }

  /** Ends the wait for an answer; a pong that came meanwhile has ended it already. */
  #judge(isLate: boolean): void {
    if (this.#hasEnded || this.#readBefore === undefined) return;
    if (this.#socket.bytesRead !== this.#readBefore) this.#answered(Math.max(this.#pingMs - pongMs, 1));
    else if (isLate && !this.#isSecond) {
      this.#isSecond = true;
      this.#ping();
    } else this.#socket.fallSilent(`it has been silent to a ping for ${pongMs / 1000} s`);
  }

  #answered(waitMs: number): void {
    this.#readBefore = undefined;
    this.#isSecond = false;
    beats.add(this, waitMs, nowMs());
  }
}
