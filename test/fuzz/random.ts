/** Random choices that repeat with the same seed. */
export interface Random {
  /** A number from 0 up to, but without 1. */
  readonly next: () => number;
  /** A whole number from 0 up to, but without `end`. */
  readonly below: (end: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
}

/** Returns the choices of a seed (mulberry32). */
export function random(seed: number): Random {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  return { next, below, pick: <T>(items: readonly T[]) => items[below(items.length)] as T };
}
