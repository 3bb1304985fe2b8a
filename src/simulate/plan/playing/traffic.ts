import type { JsonFields, Plan, PlanClock, Shard, Traffic, TrafficEvent } from '../model.ts';
import { Stream, whole } from '../random.ts';
import { StagedTime } from './stages.ts';

/**
 * Yields the commands that operators send, in order of time. Event k of an entry is due at k / rate, or, with stages,
 * when their shares add up to as much; always before the end of the run. Its target and parameters depend only on the
 * plan, seed, entry and k, and it belongs to the shard that plays its target. With a ramp only started devices are
 * addressed. Endless if the plan has no end.
 */
export function* trafficOf(plan: Plan, shard: Shard, clock: PlanClock): Generator<TrafficEvent, void, undefined> {
  const endMs = plan.load.forMs ?? Infinity;
  const entries = plan.traffic.map((traffic) => new TrafficSource(plan, traffic, clock));
  for (;;) {
    const next = entries.reduce<TrafficSource | undefined>(
      (first, entry) => (first === undefined || entry.atMs < first.atMs ? entry : first),
      undefined,
    );
    if (next === undefined || next.atMs >= endMs) return;
    const event = next.take();
    if (event.target % shard.count === shard.index) yield event;
  }
}

/** How long after its start a device of a ramp is first sent commands, in ms: it has to connect and subscribe first. */
const settlingMs = 1000;

/**
 * Makes all events of one entry, in all shards, because the steps of a random walk among its parameters depend on each
 * other.
 */
class TrafficSource {
  atMs: number;
  #k = 0;
  readonly #beginMs: number;
  readonly #rampPerSecond: number;
  readonly #traffic: Traffic;
  readonly #random: Stream;
  readonly #memory;
  readonly #originMs: number;
  readonly #stages: StagedTime | undefined;

  constructor({ seed, load }: Plan, traffic: Traffic, { originMs }: PlanClock) {
    this.#traffic = traffic;
    this.#rampPerSecond = load.rampPerSecond ?? Infinity;
    this.#beginMs =
      load.rampPerSecond === undefined ? 0 : Math.round((traffic.firstTarget * 1000) / load.rampPerSecond) + settlingMs;
    this.atMs = this.#beginMs;
    this.#random = new Stream(seed, 'traffic', traffic.index);
    this.#memory = traffic.parameters?.remember();
    this.#originMs = originMs;
    if (load.stages !== undefined) this.#stages = new StagedTime(load.stages);
  }

  take(): TrafficEvent {
    const traffic = this.#traffic;
    const target = traffic.firstTarget + whole(this.#random, this.#settledCount());
    const event = { atMs: this.atMs, k: this.#k++, traffic, target, parameters: this.#parameters() };
    this.atMs = this.#dueMs((this.#k * 1000) / traffic.ratePerSecond);
    return event;
  }

  /** Returns when an event is due, in ms, that would be due after `fullMs` at the full rate. */
  #dueMs(fullMs: number): number {
    const stages = this.#stages;
    if (stages === undefined) return this.#beginMs + Math.round(fullMs);
    return Math.round(stages.timeOf(stages.fullMsAt(this.#beginMs) + fullMs));
  }

  /** Returns how many of the devices can be addressed. */
  #settledCount(): number {
    const { targetCount } = this.#traffic;
    if (this.#rampPerSecond === Infinity) return targetCount;
    return Math.min(targetCount, 1 + Math.floor(((this.atMs - this.#beginMs) * this.#rampPerSecond) / 1000));
  }

  #parameters(): JsonFields | null {
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
