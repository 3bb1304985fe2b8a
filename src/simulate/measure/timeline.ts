import type { Bundle, HopName, Point } from './bundle.ts';
import { addLatencies, addSample } from './classes.ts';

/** A planned run has at most so many steps: its result must stay small, because logs of containers are cut. */
const plannedPoints = 360;
/** More steps than this are joined two by two; a planned run does not get there, with what follows its end. */
const mostPoints = 480;
/** The most bytes that the timeline of one result takes as JSON. */
const mostBytes = 1.5 * 1024 * 1024;

/** Returns the step for a run of this length, in ms; it is equal in all shards, however long they last. */
export function stepOf(forMs: number | undefined, tickMs: number): number {
  return tickMs * Math.max(1, Math.ceil((forMs ?? 0) / (tickMs * plannedPoints)));
}

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

  /** `tickMs` is how often `close` is called, `everyMs` the step to begin with. */
  constructor(tickMs: number, everyMs = tickMs) {
    this.#tickMs = tickMs;
    this.#everyMs = everyMs;
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
  for (const point of points) addBeside(sum, point);
  return sum;
}

/** Adds the counts of another process for the same step. */
function addBeside(to: OpenPoint, point: Point): void {
  addCounts(to, point);
  to.connected += point.connected;
  to.inFlight += point.inFlight;
}

/** Joins each `count` steps to one. */
export function joinedPoints(points: Iterable<Point>, count: number): OpenPoint[] {
  return [...eachJoined(points, count)];
}

function* eachJoined(points: Iterable<Point>, count: number): Generator<OpenPoint> {
  let joined: OpenPoint | undefined;
  let index = 0;
  for (const point of points) {
    if (index++ % count !== 0 && joined !== undefined) {
      addPoint(joined, point);
      continue;
    }
    if (joined !== undefined) yield joined;
    joined = structuredClone(point);
  }
  if (joined !== undefined) yield joined;
}

/** A timeline whose steps are read one after the other: all of them together may be large. */
export interface ReadTimeline {
  readonly everyMs: number;
  readonly points: Iterable<Point>;
}

/** Adds timelines up, one at a time: steps that lie at the same time since the start of each. */
export class TimelineSum {
  readonly #everyMs: number;
  readonly #points: OpenPoint[] = [];

  /** `everyMs` is a multiple of the step of every timeline that is added. */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  add({ everyMs, points }: ReadTimeline): void {
    const count = this.#everyMs / everyMs;
    let index = 0;
    for (const step of count === 1 ? points : eachJoined(points, count))
      addBeside((this.#points[index++] ??= emptyPoint()), step);
  }

  result(): Bundle['timeline'] {
    return { everyMs: this.#everyMs, points: this.#points };
  }
}

/** Returns the smallest step that is a multiple of all of these, in ms; there must be one. */
export function commonStep(steps: readonly number[]): number {
  return steps.reduce((common, step) => (common / greatestDivisor(common, step)) * step);
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}

/** Returns a timeline that is short enough for a log, in steps twice as long, or longer, where it is not. */
export function fitted(timeline: Bundle['timeline']): Bundle['timeline'] {
  if (timeline.points.length <= 1 || JSON.stringify(timeline).length <= mostBytes) return timeline;
  return fitted({ everyMs: timeline.everyMs * 2, points: joinedPoints(timeline.points, 2) });
}
