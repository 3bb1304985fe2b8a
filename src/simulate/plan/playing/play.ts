import { deviceOf, startMsOf } from '../device.ts';
import { faultsOf } from './faults.ts';
import { Heap, type Due } from './heap.ts';
import type { DevicePlan, JsonFields, Series } from '../model.ts';
import { PlayedDevice } from './playedDevice.ts';
import type { PlayedCommand, PlayOptions } from './playOptions.ts';
import { seriesOf } from './series.ts';

/** The order of events at the same time: starts, arrivals, due answers and behaviours, faults, notifications. */
const ranks = { start: 0, command: 1, step: 2, fault: 3, notification: 4 } as const;

/** A future event. */
export interface PlayEntry extends Due {
  /** Carries it out. Returns whether it repeats, at its new `atMs`. */
  run(): boolean;
}

/** A run on a virtual clock, without a network: the devices of one shard, and the commands they receive. */
export class Play {
  readonly options: PlayOptions;
  readonly #heap = new Heap<PlayEntry>();
  readonly #devices = new Map<number, PlayedDevice>();
  #order = 0;
  nowMs = 0;
  /** True after a behaviour was called, until reset: what it awaits has to settle before time goes on. */
  isUnsettled = false;

  constructor(options: PlayOptions) {
    this.options = options;
    const { plan, shard, commands } = options;
    for (let g = shard.index; g < plan.deviceCount; g += shard.count) this.#add(deviceOf(plan, g));
    if (commands !== undefined) this.#follow(ranks.command, commands, (command) => this.#command(command));
  }

  /** When the next event is due; Infinity if there is none. */
  get nextAtMs(): number {
    return this.#heap.first?.atMs ?? Infinity;
  }

  /** Plays the next event. */
  step(): void {
    const entry = this.#heap.pop();
    if (entry === undefined) return;
    this.nowMs = entry.atMs;
    if (entry.run()) this.#heap.push(entry);
  }

  /** Returns the state of a device; undefined if no commands can reach it. */
  stateOf(g: number): JsonFields | undefined {
    return this.#devices.get(g)?.values;
  }

  /** Calls back once; the returned function cancels. */
  schedule(afterMs: number, run: () => void): () => void {
    let isCancelled = false;
    this.#once(this.nowMs + Math.max(0, afterMs), ranks.step, () => {
      if (!isCancelled) run();
    });
    return () => (isCancelled = true);
  }

  /** Stops all behaviours. */
  stop(): void {
    for (const device of this.#devices.values()) device.stop();
  }

  #once(atMs: number, rank: number, run: () => void): void {
    this.#heap.push({
      atMs,
      rank,
      order: this.#order++,
      run: () => {
        run();
        return false;
      },
    });
  }

  #add(device: DevicePlan): void {
    const { plan, commands } = this.options;
    const played = new PlayedDevice(device, this);
    const { behaviour, faults } = device.fleet;
    if (commands !== undefined || behaviour !== undefined) this.#devices.set(device.g, played);
    if (behaviour !== undefined) this.#once(startMsOf(plan, device), ranks.start, () => played.start());
    for (const series of seriesOf(plan, device)) {
      if (series.nextAtMs < Infinity) this.#heap.push(new SeriesEntry(series, played, this.#order++));
    }
    if (faults.disconnect === undefined && faults.reconnectStorm === undefined) return;
    this.#follow(ranks.fault, faultsOf(plan, device), ({ atMs, kind, forMs }) =>
      this.options.tell({ atMs, device: device.id, kind, name: kind, parameters: { forMs } }),
    );
  }

  /** Handles each event of a sequence at its time. */
  #follow<Event extends { readonly atMs: number }>(
    rank: number,
    events: Iterator<Event, void, undefined>,
    each: (event: Event) => void,
  ): void {
    let next = events.next();
    if (next.done === true) return;
    const entry = {
      atMs: next.value.atMs,
      rank,
      order: this.#order++,
      run: () => {
        if (next.done !== true) each(next.value);
        next = events.next();
        if (next.done !== true) entry.atMs = next.value.atMs;
        return next.done !== true;
      },
    };
    this.#heap.push(entry);
  }

  #command({ atMs, target, command, parameters }: PlayedCommand): void {
    const { id } = deviceOf(this.options.plan, target);
    this.options.tell({ atMs, device: id, kind: 'command', name: command ?? '', parameters });
    this.#devices.get(target)?.receive({ command, parameters });
  }
}

/** The notifications of one device under one name. */
class SeriesEntry implements PlayEntry {
  readonly order: number;
  readonly #series: Series;
  readonly #device: PlayedDevice;

  constructor(series: Series, device: PlayedDevice, order: number) {
    this.#series = series;
    this.#device = device;
    this.order = order;
  }

  get atMs(): number {
    return this.#series.nextAtMs;
  }

  get rank(): number {
    return ranks.notification;
  }

  run(): boolean {
    this.#device.notifyFrom(this.#series);
    return this.#series.nextAtMs < Infinity;
  }
}
