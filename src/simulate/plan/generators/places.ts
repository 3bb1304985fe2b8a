import { duration, phase, place, type GeoPoint } from './argumentTypes.ts';
import type { Generator } from './generator.ts';
import { offsetOf } from './numbers.ts';

/** The generator of positions on a way. */
export const path: Generator = {
  name: 'path',
  summary:
    'Position of a device that goes through these places at one speed, there and back: {latitude, longitude} in degrees.',
  arguments: [
    { name: 'duration', type: duration, isRequired: true, description: 'How long the way takes in one direction.' },
    { name: 'points', type: place, isRequired: true, description: 'The places, in order: two or more.' },
    {
      name: 'phase',
      type: phase,
      description: 'How far along the way it begins: a duration, or random for each device.',
    },
  ],
  positions: 2,
  rest: 'points',
  example: 'path(10m,48.137:11.575,48.208:16.373)',
  planExample: {
    duration: '10m',
    points: [
      [48.137, 11.575],
      [48.208, 16.373],
    ],
  },
  compile(given, scope) {
    const {
      duration: onceMs,
      points,
      phase: begin = 0,
    } = given as {
      duration: number;
      points: readonly GeoPoint[];
      phase?: number | 'random';
    };
    if (points.length < 2) return scope.problem('needs two places or more');
    const way = new GreatCirclePath(points);
    const offset = offsetOf(begin, 2 * onceMs, scope);
    return (moment) => {
      const turn = ((moment.atMs + offset(moment)) / onceMs) % 2;
      return way.at(turn <= 1 ? turn : 2 - turn);
    };
  },
};

/** Places joined by great circles. */
class GreatCirclePath {
  readonly #points: readonly GeoPoint[];
  /** How far along the way each place is, as an angle in radians at the centre of the Earth. */
  readonly #marks: readonly number[];

  constructor(points: readonly GeoPoint[]) {
    this.#points = points;
    let sum = 0;
    this.#marks = points.map((point, index) => (sum += angle(points[index - 1] ?? point, point)));
  }

  /** Returns the place at a share of the whole length, from 0 to 1. */
  at(share: number): GeoPoint {
    const mark = share * (this.#marks.at(-1) ?? 0);
    const next = Math.max(
      1,
      this.#marks.findIndex((other) => other >= mark),
    );
    const [from, to] = [this.#points[next - 1], this.#points[next]] as [GeoPoint, GeoPoint];
    const [start, end] = [this.#marks[next - 1], this.#marks[next]] as [number, number];
    return between(from, to, end === start ? 0 : (mark - start) / (end - start), end - start);
  }
}

type Vector = readonly [number, number, number];

function vector({ latitude, longitude }: GeoPoint): Vector {
  const [north, east] = [(latitude * Math.PI) / 180, (longitude * Math.PI) / 180];
  return [Math.cos(north) * Math.cos(east), Math.cos(north) * Math.sin(east), Math.sin(north)];
}

function angle(from: GeoPoint, to: GeoPoint): number {
  const [one, other] = [vector(from), vector(to)];
  const chord = Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
  return 2 * Math.asin(Math.min(1, chord / 2));
}

/** Returns a place on the great circle between two others, `whole` radians apart. */
function between(from: GeoPoint, to: GeoPoint, share: number, whole: number): GeoPoint {
  if (whole < 1e-12) return degrees(vector(from));
  const [one, other] = [vector(from), vector(to)];
  const before = Math.sin((1 - share) * whole) / Math.sin(whole);
  const after = Math.sin(share * whole) / Math.sin(whole);
  return degrees([
    before * one[0] + after * other[0],
    before * one[1] + after * other[1],
    before * one[2] + after * other[2],
  ]);
}

/** Converts a vector to degrees, with six digits after the point: a tenth of a metre. */
function degrees([x, y, z]: Vector): GeoPoint {
  const rounded = (radians: number) => Math.round((radians * 180e6) / Math.PI) / 1e6 + 0;
  return { latitude: rounded(Math.atan2(z, Math.hypot(x, y))), longitude: rounded(Math.atan2(y, x)) };
}
