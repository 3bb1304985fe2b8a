import type { Bundle, HopName, Point } from './bundle.ts';
import { addLatencies, addSample } from './classes.ts';

/** The most steps of a planned run: its result must stay small, because container logs are cut. */
const plannedPoints = 360;
/** More steps are joined in pairs; a planned run stays below this, even with the time after its end. */
const mostPoints = 480;
/** The most bytes of a result's timeline as JSON. */
const mostBytes = 1.5 * 1024 * 1024;

/**
 * Returns the length of a step in ms, for the planned length of a run: equal in all shards, however long each lasts.
 */
export function stepOf(forMs: number | undefined, tickMs: number): number {
  return tickMs * Math.max(1, Math.ceil((forMs ?? 0) / (tickMs * plannedPoints)));
}

/** A step that is being counted. */
export interface OpenPoint {
  sent: number;
  received: number;
  errors: number;
  connected: number;
  inFlight: number;
  readonly latencies: Record<string, Record<string, number>>;
}

/** A run in steps of equal length, which doubles when there are too many. */
export class Timeline {
  #everyMs: number;
  #points: OpenPoint[] = [];
  #current = emptyPoint();
  #tick = 0;
  readonly #tickMs: number;

  /** `tickMs` is how often `close` is called, `everyMs` the initial step. */
  constructor(tickMs: number, everyMs = tickMs) {
    this.#tickMs = tickMs;
    this.#everyMs = everyMs;
  }

  /** The current step. */
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

/** Returns an empty step. */
export function emptyPoint(): OpenPoint {
  return { sent: 0, received: 0, errors: 0, connected: 0, inFlight: 0, latencies: {} };
}

/** Adds a later step: counts add up; `connected` and `inFlight` become the later ones. */
function addPoint(to: OpenPoint, later: Point): void {
  addCounts(to, later);
  to.connected = later.connected;
  to.inFlight = later.inFlight;
}

/** Adds the counts and latencies of a step. */
function addCounts(to: OpenPoint, from: Point): void {
  to.sent += from.sent;
  to.received += from.received;
  to.errors += from.errors;
  addLatencies(to.latencies, from.latencies);
}

/** Returns the sum of several processes' counts for the same step. */
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

/** Joins each `count` steps into one. */
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

/** A timeline whose steps are read one by one, because all together may be large. */
export interface ReadTimeline {
  readonly everyMs: number;
  readonly points: Iterable<Point>;
}

/** Adds timelines, one at a time, step by step by the time since the start of each. */
export class TimelineSum {
  readonly #everyMs: number;
  readonly #points: OpenPoint[] = [];

  /** `everyMs` is a multiple of the step of every timeline to add. */
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

/** Returns the smallest multiple of all these steps, in ms. There must be at least one. */
export function commonStep(steps: readonly number[]): number {
  return steps.reduce((common, step) => (common / greatestDivisor(common, step)) * step);
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}

/** Returns a timeline short enough for a log, doubling its step as often as needed. */
export function fitted(timeline: Bundle['timeline']): Bundle['timeline'] {
  if (timeline.points.length <= 1 || JSON.stringify(timeline).length <= mostBytes) return timeline;
  return fitted({ everyMs: timeline.everyMs * 2, points: joinedPoints(timeline.points, 2) });
}
