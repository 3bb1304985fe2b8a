import { startMsOf } from '../device.ts';
import type { DevicePlan, FaultEvent, FaultTimes, Plan } from '../model.ts';
import { Stream, whole } from '../random.ts';

/**
 * Returns a device's planned losses of connection, in order of time and before the end of the run; endless without an
 * end. A disconnect of `every 10m` has a different time for each device; a reconnect storm hits all devices at once.
 */
export function faultsOf(plan: Plan, device: DevicePlan): IterableIterator<FaultEvent, void, undefined> {
  return new FaultEvents(plan, device);
}

/** An iterator that keeps two numbers for each device; a generator would take a hundred times the memory. */
class FaultEvents implements IterableIterator<FaultEvent, void, undefined> {
  readonly #plan: Plan;
  readonly #device: DevicePlan;
  #disconnectMs: number;
  #stormMs: number;

  constructor(plan: Plan, device: DevicePlan) {
    this.#plan = plan;
    this.#device = device;
    const { disconnect, reconnectStorm } = device.fleet.faults;
    const startMs = startMsOf(plan, device);
    this.#disconnectMs = firstOf(
      disconnect,
      startMs,
      (everyMs) => startMs + whole(new Stream(plan.seed, device.id, 'disconnect'), everyMs),
    );
    this.#stormMs = firstOf(reconnectStorm, startMs, (everyMs) => Math.max(1, Math.ceil(startMs / everyMs)) * everyMs);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<FaultEvent, void> {
    const { disconnect, reconnectStorm } = this.#device.fleet.faults;
    const isStorm = this.#stormMs < this.#disconnectMs;
    const when = isStorm ? reconnectStorm : disconnect;
    const atMs = isStorm ? this.#stormMs : this.#disconnectMs;
    if (when === undefined || atMs >= (this.#plan.load.forMs ?? Infinity)) return { done: true, value: undefined };
    const laterMs = when.kind === 'every' ? atMs + when.everyMs : Infinity;
    if (isStorm) this.#stormMs = laterMs;
    else this.#disconnectMs = laterMs;
    return { done: false, value: { atMs, kind: isStorm ? 'reconnect-storm' : 'disconnect', forMs: when.forMs } };
  }
}

/** Returns the first fault after the start of a device; earlier ones are skipped. */
function firstOf(when: FaultTimes | undefined, startMs: number, ofPeriod: (everyMs: number) => number): number {
  if (when === undefined) return Infinity;
  if (when.kind === 'every') return ofPeriod(when.everyMs);
  return when.atMs >= startMs ? when.atMs : Infinity;
}
