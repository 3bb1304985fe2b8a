/**
 * How long an id is remembered at least: DeviceHive keeps commands for 120 s after their last update (PROTOCOL.md 6.9).
 */
export const rememberedMs = 150_000;

/** Above this many ids the older half is forgotten early, to bound memory. */
const mostRemembered = 2_000_000;

/** Ids of recently received commands, each with a number of the caller's; ids older than five minutes are forgotten. */
export class RecentIds {
  #recent = new Map<number, number>();
  #earlier = new Map<number, number>();
  #turnedMs: number;

  constructor(nowMs: number) {
    this.#turnedMs = nowMs;
  }

  /** Returns the number set for an id; undefined if there is none. */
  get(id: number): number | undefined {
    return this.#recent.get(id) ?? this.#earlier.get(id);
  }

  set(id: number, value: number, nowMs: number): void {
    if (nowMs - this.#turnedMs >= rememberedMs || this.#recent.size >= mostRemembered / 2) this.#turn(nowMs);
    this.#recent.set(id, value);
  }

  #turn(nowMs: number): void {
    const isLongAgo = nowMs - this.#turnedMs >= 2 * rememberedMs;
    this.#earlier = isLongAgo ? new Map<number, number>() : this.#recent;
    this.#recent = new Map();
    this.#turnedMs = nowMs;
  }
}
