import type { HopName, Point } from './bundle.ts';
import { addLatencies, addSample } from './classes.ts';

/** More steps than this are joined two by two, so that a long run takes no more memory than an hour. */
const mostPoints = 3600;

/** A step that is being filled. */
export interface OpenPoint {
  sent: number;
  received: number;
  errors: number;
  connected: number;
  inFlight: number;
  readonly latencies: Record<string, Record<string, number>>;
}

/** The run in steps of equal length; the steps grow when there are too many. */
export class Timeline {
  #everyMs: number;
  #points: OpenPoint[] = [];
  #current = emptyPoint();
  #tick = 0;
  readonly #tickMs: number;

  /** `tickMs` is how often `close` is called. */
  constructor(tickMs: number) {
    this.#tickMs = tickMs;
    this.#everyMs = tickMs;
  }

  /** The step that is going on. */
  get current(): OpenPoint {
    return this.#current;
  }

  sample(hop: HopName, ms: number): void {
    addSample((this.#current.latencies[hop] ??= {}), ms);
  }

  /** Ends a tick with the current `connected` and `inFlight`. Returns the counts of the tick. */
  close(connected: number, inFlight: number): Point {
    const closed = { ...this.#current, connected, inFlight };
    this.#current = emptyPoint();
    this.append(closed);
    return closed;
  }

  /** Adds a tick that was counted elsewhere. */
  append(closed: Point): void {
    const ticksPerPoint = this.#everyMs / this.#tickMs;
    const last = this.#points.at(-1);
    if (this.#tick % ticksPerPoint === 0 || last === undefined) this.#points.push(structuredClone(closed));
    else addPoint(last, closed);
    this.#tick++;
    if (this.#points.length > mostPoints) {
      this.#points = joinedPoints(this.#points, 2);
      this.#everyMs *= 2;
    }
  }

  result(): { everyMs: number; points: Point[] } {
    return { everyMs: this.#everyMs, points: this.#points };
  }
}

/** A step in which nothing happened. */
export function emptyPoint(): OpenPoint {
  return { sent: 0, received: 0, errors: 0, connected: 0, inFlight: 0, latencies: {} };
}

/** Adds a later step to one: counts add up, of what holds at the end the later is true. */
function addPoint(to: OpenPoint, later: Point): void {
  addCounts(to, later);
  to.connected = later.connected;
  to.inFlight = later.inFlight;
}

/** Adds what was counted in another place, or later. */
function addCounts(to: OpenPoint, from: Point): void {
  to.sent += from.sent;
  to.received += from.received;
  to.errors += from.errors;
  addLatencies(to.latencies, from.latencies);
}

/** Adds the counts of several processes for the same step. */
export function sumOfPoints(points: readonly Point[]): Point {
  const sum = emptyPoint();
  for (const point of points) {
    addCounts(sum, point);
    sum.connected += point.connected;
    sum.inFlight += point.inFlight;
  }
  return sum;
}

/** Joins each `count` steps to one. */
export function joinedPoints(points: readonly Point[], count: number): OpenPoint[] {
  const result: OpenPoint[] = [];
  for (const [index, point] of points.entries()) {
    const last = result.at(-1);
    if (index % count === 0 || last === undefined) result.push(structuredClone(point));
    else addPoint(last, point);
  }
  return result;
}
