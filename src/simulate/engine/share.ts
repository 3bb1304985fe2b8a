import type { Shard } from '../plan/index.ts';

/** The share of a plan that one process plays: one part of the shard that its machine plays. */
export interface Share {
  readonly shard: Shard;
  readonly part: Shard;
}

/** True if this process plays device number g. */
export function isPlayedHere(g: number, { shard, part }: Share): boolean {
  return g % shard.count === shard.index && Math.floor(g / shard.count) % part.count === part.index;
}

/** Returns the numbers of the devices that this process plays, in order. */
export function devicesOf(deviceCount: number, { shard, part }: Share): number[] {
  const step = shard.count * part.count;
  const first = shard.index + part.index * shard.count;
  return Array.from(
    { length: Math.max(0, Math.ceil((deviceCount - first) / step)) },
    (_, index) => first + index * step,
  );
}
