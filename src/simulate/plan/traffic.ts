import type { Json, Plan, PlanClock, Shard, Traffic, TrafficEvent } from './model.ts';
import { Stream, whole } from './random.ts';

/**
 * The commands that operators send, in order of time. Event k of an entry is due at k / rate, before the end of the run; a shard takes k ≡ index (mod count), and
 * its target and parameters depend on seed, entry and k alone (simulation.md 4). Without an end it goes on for ever.
 */
export function* trafficOf(plan: Plan, shard: Shard, clock: PlanClock): Generator<TrafficEvent, void, undefined> {
  const endMs = plan.load.forMs ?? Infinity;
  const entries = plan.traffic.map((traffic) => new Entry(plan.seed, traffic, clock));
  for (;;) {
    const next = entries.reduce<Entry | undefined>(
      (first, entry) => (first === undefined || entry.atMs < first.atMs ? entry : first),
      undefined,
    );
    if (next === undefined || next.atMs >= endMs) return;
    const event = next.take();
    if (event.k % shard.count === shard.index) yield event;
  }
}

/** One entry's events, all of them: what a walk among its parameters comes to depends on those before, whoever sends them. */
class Entry {
  atMs = 0;
  #k = 0;
  readonly #traffic: Traffic;
  readonly #random: Stream;
  readonly #memory;
  readonly #originMs: number;

  constructor(seed: number, traffic: Traffic, { originMs }: PlanClock) {
    this.#traffic = traffic;
    this.#random = new Stream(seed, 'traffic', traffic.index);
    this.#memory = traffic.parameters?.remember();
    this.#originMs = originMs;
  }

  take(): TrafficEvent {
    const traffic = this.#traffic;
    const target = traffic.firstTarget + whole(this.#random, traffic.targetCount);
    const event = { atMs: this.atMs, k: this.#k++, traffic, target, parameters: this.#parameters() };
    this.atMs = Math.round((this.#k * 1000) / traffic.ratePerSecond);
    return event;
  }

  #parameters(): Json | null {
    const { parameters } = this.#traffic;
    if (parameters === undefined) return null;
    return parameters.produce({
      random: this.#random,
      memory: this.#memory,
      atMs: this.atMs,
      originMs: this.#originMs,
      state: {},
      parameters: null,
    });
  }
}
