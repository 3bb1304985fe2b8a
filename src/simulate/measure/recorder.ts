import {
  accountNames,
  bundleVersion,
  hopNames,
  type AccountName,
  type Bundle,
  type CounterName,
  type HopName,
  type Point,
} from './bundle.ts';
import { addLatencies, type Classes } from './classes.ts';
import { ErrorTable } from './errorTable.ts';
import { LedgerAccount } from './ledger.ts';
import { Samples } from './samples.ts';
import { Saturation, saturationLimits, type SaturationLimits } from './saturation.ts';
import { RecentEvents, type RecentEvent } from './recentEvents.ts';
import type { Snapshot } from './snapshot.ts';
import { emptyPoint, stepOf, Timeline } from './timeline.ts';

/** How often to call `tick`, in ms. */
export const tickMs = 1000;

/** The facts about a run in its result, other than measurements. */
export type RunFacts = Pick<
  Bundle,
  'seed' | 'command' | 'plan' | 'url' | 'startedAt' | 'durationMs' | 'devices' | 'shards' | 'shardCount' | 'planName'
>;

/**
 * Measures one process of a run. Counters are exact; percentiles come from samples and are never averaged. Every method
 * is cheap enough to call for each message, and memory is bounded however long the run.
 */
export class Recorder {
  /** When the plan's clock began, in ms since 1970. */
  startedAtMs = 0;
  readonly commands = new LedgerAccount();
  readonly notifications = new LedgerAccount();
  readonly updates = new LedgerAccount();
  /** How many devices are to be connected. */
  devices = 0;
  /** How many devices are connected now. */
  connected = 0;
  /** How many devices were connected and subscribed before the end. */
  devicesUp = 0;
  /** How many requests have no reply yet. */
  inFlight = 0;
  readonly #latencies: Record<string, Classes> = {};
  readonly #samples = new Map<HopName, Samples>();
  readonly #counters = new Map<CounterName, number>();
  readonly #errors = new ErrorTable();
  readonly #timeline: Timeline;
  readonly #saturation: Saturation;
  readonly #recent = new RecentEvents();
  #ticks = 0;
  #lastTick: Snapshot['lastTick'];

  /** `forMs` is the planned length of the run; undefined if it has no end. */
  constructor(limits: SaturationLimits = saturationLimits, forMs?: number) {
    this.#timeline = new Timeline(tickMs, stepOf(forMs, tickMs));
    this.#saturation = new Saturation(limits, tickMs);
  }

  /** Records the duration of a part of a conversation. */
  hop(name: HopName, ms: number): void {
    let samples = this.#samples.get(name);
    if (samples === undefined) this.#samples.set(name, (samples = new Samples()));
    samples.record(ms);
    this.#timeline.sample(name, ms);
  }

  count(name: CounterName, times = 1): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + times);
    const { current } = this.#timeline;
    if (name === 'sent' || name === 'received' || name === 'errors') current[name] += times;
  }

  /** Counts failed requests, as `errors` and, if there is a counter for it, by kind. */
  fail(kind: string, code: number | null, text: string, times = 1): void {
    this.count('errors', times);
    if (kind === 'refused' || kind === 'auth') this.count('refused', times);
    if (kind === 'timeout') this.count('timeouts', times);
    this.#errors.add(kind, code, text, times);
  }

  get hasFailed(): boolean {
    return !this.#errors.isEmpty;
  }

  /** Adds an error to the table without counting it: its request is already among `errors`. */
  tell(kind: string, code: number | null, text: string): void {
    this.#errors.add(kind, code, text);
  }

  /** Adds an event for live views. */
  note(event: RecentEvent): void {
    this.#recent.add(event);
  }

  /** Ends a second of the run, or several if this process stalled; counts then go to the last of them. */
  tick(ticks = 1): void {
    const idle = { ...emptyPoint(), connected: this.connected, inFlight: this.inFlight };
    for (let missed = 1; missed < ticks; missed++) {
      this.#timeline.append(idle);
      this.#ended(idle);
    }
    this.#ended(this.#timeline.close(this.connected, this.inFlight));
  }

  /** The number of samples of conversations; a run without any proves nothing. */
  get sampleCount(): number {
    return hopNames
      .filter((name) => name !== 'loop.delay' && name !== 'send.lag')
      .reduce((sum, name) => sum + (this.#samples.get(name)?.count ?? 0), 0);
  }

  /** Returns the current state, for live views. */
  snapshot(): Snapshot {
    return {
      startedAtMs: this.startedAtMs,
      atMs: this.#ticks * tickMs,
      devices: this.devices,
      connected: this.connected,
      inFlight: this.inFlight,
      counters: Object.fromEntries(this.#counters),
      ledger: this.#ledger(),
      errors: this.#errors.rows().slice(0, 10),
      recent: this.#recent.list(),
      generator: this.#saturation.result(),
      latencies: this.#latencies,
      lastTick: this.#lastTick,
    };
  }

  /** Returns the result without verdicts, which `judged` adds. */
  bundle(facts: RunFacts): Omit<Bundle, 'assertions' | 'outcome'> {
    return {
      version: bundleVersion,
      ...facts,
      devicesUp: this.devicesUp,
      ledger: this.#ledger(),
      counters: Object.fromEntries(this.#counters),
      hops: this.#hops(),
      timeline: this.#timeline.result(),
      errors: this.#errors.rows(),
      generator: this.#saturation.result(),
    };
  }

  #ended(point: Point): void {
    this.#ticks++;
    this.#saturation.tick(this.#ticks * tickMs, point.latencies['loop.delay'], point.latencies['send.lag']);
    addLatencies(this.#latencies, point.latencies);
    this.#lastTick = point;
  }

  #hops(): Bundle['hops'] {
    return Object.fromEntries(
      hopNames.flatMap((name) => {
        const samples = this.#samples.get(name);
        return samples === undefined ? [] : [[name, samples.summary()] as const];
      }),
    );
  }

  #ledger(): Bundle['ledger'] {
    return Object.fromEntries(
      accountNames.map((name: AccountName) => [name, this[name].account()]),
    ) as Bundle['ledger'];
  }
}
