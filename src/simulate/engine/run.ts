import { listReader } from '../../client/index.ts';
import { Failure } from '../../errors.ts';
import { isFrame } from '../../protocol/frames.ts';
import { parseTimestamp } from '../../protocol/timestamps.ts';
import {
  deviceOf,
  faultsOf,
  startMsOf,
  type DeviceCredentials,
  type DevicePlan,
  type FaultEvent,
} from '../plan/index.ts';
import { SimulatedDevice } from './devices/device.ts';
import { FleetSocket } from './sockets/line.ts';
import { Operators } from './operators/operators.ts';
import { unsentText } from './sockets/post.ts';
import { devicesOf } from './share.ts';
import { measureTime, stoodStill, watchProgress } from './watches.ts';
import { RunStage, type StageOptions } from './stage.ts';
import { eachOf } from './lanes.ts';

/** The options of a run: those of its stage, its sockets and its time limits. */
export interface RunOptions extends Omit<StageOptions, 'abort'> {
  /** Sockets for all devices of this process; one each where absent. */
  readonly connections?: number;
  /** How often the first connection is retried. */
  readonly retries: number;
  /**
   * How long no more devices may come up while some fail, in ms, before the run is given up; default 15,000, enough for
   * a connection and a request.
   */
  readonly standstillMs?: number;
}

/** How many devices can be armed for the start of the clock in a ms, and how many without a pause. */
const armedPerMs = 100;
const armedAtOnce = 1000;
/** A run that begins more than this after the plan's clock, in ms, has missed events. */
const lateFromMs = 1000;
/** How often the end of open requests is checked, in ms. */
const lookMs = 20;

/**
 * One run of a plan in one process, in this order: `prepare` registers and subscribes all devices, `begin` starts the
 * plan's clock, `over` settles at its end, `drain` waits for what is in flight, `cleanUp` removes the devices that the
 * run has made, `close` ends the connections. With a ramp the clock begins first, and devices come one by one.
 */
export class Run {
  readonly stage: RunStage;
  /** Absent where the plan has no traffic. */
  readonly operators: Operators | undefined;
  /** Settles when the plan's time is over or `stop` was called; rejects if the run becomes pointless. */
  readonly over: Promise<void>;
  readonly #retries: number;
  readonly #standstillMs: number;
  readonly #devices: readonly SimulatedDevice[];
  readonly #lines: readonly FleetSocket[];
  #drainUntilMs = Infinity;
  /** The time of the plan's clock at which a late run began; faults before it are skipped. 0 if it was not late. */
  #missedMs = 0;
  #ready!: () => void;
  #end!: () => void;
  #abort!: (error: unknown) => void;
  readonly #isReady: Promise<void>;
  readonly #ends: (() => void)[] = [];

  constructor({ connections, retries, standstillMs = 15_000, ...options }: RunOptions) {
    this.over = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#abort = reject;
    });
    this.over.catch(() => undefined);
    this.stage = new RunStage({ ...options, abort: (error) => this.#abort(error) });
    this.#retries = retries;
    this.#standstillMs = standstillMs;
    this.#isReady = new Promise((resolve) => (this.#ready = resolve));
    const numbers = devicesOf(options.plan.deviceCount, options);
    const count = Math.min(connections ?? numbers.length, numbers.length);
    this.#lines = Array.from({ length: count }, () => new FleetSocket(this.stage, () => this.#oneUp()));
    this.#devices = numbers.map((g, index) => {
      const line = this.#lines[index % count] as FleetSocket;
      const device = new SimulatedDevice(this.stage, deviceOf(options.plan, g), line);
      line.devices.push(device);
      line.credentials = credentialsOf(device.plan);
      return device;
    });
    options.recorder.devices = numbers.length;
    if (options.plan.traffic.length > 0) this.operators = new Operators(this.stage);
    this.stage.sentHere = this.operators?.talks;
  }

  /** How many devices this process plays. */
  get deviceCount(): number {
    return this.#devices.length;
  }

  /** How many devices were up before the plan's time was over. */
  get upCount(): number {
    return this.stage.recorder.devicesUp;
  }

  /** True if devices start one by one on the plan's clock, instead of all before it begins. */
  get hasRamp(): boolean {
    return this.stage.plan.load.rampPerSecond !== undefined;
  }

  /**
   * Reaches the server and, without a ramp, brings all devices up, unless it was stopped already. Throws a `Failure` if
   * it cannot.
   */
  async prepare(): Promise<void> {
    if (!this.stage.isOver) await Promise.race([this.#prepare(), this.over]);
  }

  /** The earliest time, in ms since 1970, at which the plan's clock can start with all devices ready for it. */
  soonestMs(): number {
    return this.stage.clock.epochMs() + Math.floor(this.#devices.length / armedPerMs);
  }

  /**
   * Starts the plan's clock: its 0 is `originMs` since 1970, a little ahead. If that is past, it makes up for all that
   * was due since, except for lost connections. Settles when all devices are up.
   */
  async begin(originMs: number = this.soonestMs()): Promise<void> {
    const { stage } = this;
    stage.begin(originMs);
    const lateMs = stage.planMsOf(stage.nowMs);
    if (lateMs > lateFromMs) this.#missedMs = lateMs;
    const { forMs } = stage.plan.load;
    if (forMs !== undefined) this.#at(stage.timeOf(forMs), () => this.stop());
    if (this.hasRamp) this.#ramp(0);
    await this.#arm();
    this.operators?.begin();
    for (const end of measureTime(stage)) this.#ends.push(end);
    await Promise.race([this.#isReady, this.over]);
  }

  /** Ends the plan's time early. */
  stop(): void {
    const { stage } = this;
    if (stage.isOver) return;
    stage.isOver = true;
    const { forMs = Infinity } = stage.plan.load;
    stage.lastPlanMs = stage.hasBegun ? Math.min(stage.nowMs - stage.timeOf(0), forMs - 1) : -1;
    for (const device of this.#devices) device.end();
    this.operators?.end();
    this.#end();
  }

  /** Waits until all sent requests and received commands are answered, at most `atMostMs`. */
  async drain(atMostMs: number): Promise<void> {
    const { stage } = this;
    this.#drainUntilMs = stage.nowMs + atMostMs;
    const isOpen = () =>
      stage.recorder.inFlight + stage.kept + stage.answering + stage.owing > 0 ||
      (this.operators?.talks.openCount ?? 0) > 0;
    while (isOpen() && stage.nowMs < this.#drainUntilMs) await this.#pause(lookMs);
  }

  /** Limits a running `drain` to this time from now on. */
  hurry(atMostMs: number): void {
    this.#drainUntilMs = Math.min(this.#drainUntilMs, this.stage.nowMs + atMostMs);
  }

  /** Removes the devices that this run created. Returns how many it could not remove in time. */
  async cleanUp(atMostMs: number): Promise<number> {
    const created = this.#devices.filter(({ wasCreated }) => wasCreated);
    let left = created.length;
    const removed = eachOf(created, async ({ plan, line: own }) => {
      // on the device's own connection its earlier requests, such as its registration, are done first
      const line = own.link === undefined ? this.#lines.find(({ link }) => link !== undefined) : own;
      if (line === undefined) return;
      await line.ask('device/delete', { deviceId: plan.id }).then(
        () => left--,
        (error: unknown) => {
          if (error instanceof Failure && error.code === 404) left--;
        },
      );
    });
    await Promise.race([removed, this.#pause(atMostMs)]);
    return left;
  }

  /** Ends all connections and timers. */
  close(): void {
    const { stage } = this;
    stage.isClosing = true;
    for (const end of this.#ends) end();
    for (const line of this.#lines) line.close();
    let unsent = 0;
    for (const device of this.#devices) unsent += device.close();
    stage.recorder.notifications.omit(unsent);
    if (unsent > 0) stage.recorder.fail('late', null, unsentText('notification/insert'), unsent);
    this.operators?.close();
    stage.links.close();
    stage.wheel.stop();
    stage.recorder.tick();
  }

  async #prepare(): Promise<void> {
    const { stage } = this;
    const [first] = this.#lines;
    const giveUp = (standstillMs: number) => this.#abort(stoodStill(stage, this.#devices.length, standstillMs));
    this.#ends.push(watchProgress(stage, this.#standstillMs, giveUp));
    if (!this.hasRamp) for (const device of this.#devices) device.isWanted = true;
    // loaded now, so that no device waits for it when it comes back
    void listReader();
    if (first !== undefined) {
      await first.connect(this.#retries);
      await this.#askTime(first);
    }
    if (this.operators !== undefined && (this.hasRamp || first === undefined))
      await this.operators.prepare(this.#retries);
    if (this.hasRamp) return;
    for (const line of this.#lines) line.open();
    if (this.upCount === this.#devices.length) this.#ready();
    await this.#isReady;
    if (first !== undefined) await this.operators?.prepare(this.#retries);
  }

  /** Asks the server for its time, because replays go by it and clocks differ. */
  async #askTime(line: FleetSocket): Promise<void> {
    try {
      const { info } = await line.ask('server/info', {});
      const timestamp = isFrame(info) ? info['serverTimestamp'] : undefined;
      const serverMs = typeof timestamp === 'string' ? parseTimestamp(timestamp) : undefined;
      if (serverMs !== undefined) this.stage.serverAheadMs = serverMs - this.stage.nowMs;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }

  /** Counts a device that is up, unless the plan's time is over. */
  #oneUp(): void {
    if (this.stage.isOver) return;
    if (++this.stage.recorder.devicesUp === this.#devices.length) this.#ready();
  }

  /** Starts all devices and their faults, with pauses, so that other timers are not delayed. */
  async #arm(): Promise<void> {
    const { stage } = this;
    for (const [index, device] of this.#devices.entries()) {
      if (!this.hasRamp) device.begin();
      if (hasFaults(device)) this.#fault(device, faultsOf(stage.plan, device.plan));
      if (index % armedAtOnce === armedAtOnce - 1) await this.#pause(1);
      if (stage.isOver) return;
    }
  }

  /** Starts devices at their times, from number `first` on. */
  #ramp(first: number): void {
    const { stage } = this;
    for (let index = first; index < this.#devices.length && !stage.isOver; index++) {
      const device = this.#devices[index] as SimulatedDevice;
      const startMs = stage.timeOf(startMsOf(stage.plan, device.plan));
      if (startMs > stage.nowMs) return this.#at(startMs, () => this.#ramp(index));
      device.begin();
      device.line.enter(device);
    }
  }

  /** Loses a device's connections at the times of the plan's faults. */
  #fault(device: SimulatedDevice, events: Iterator<FaultEvent, void>): void {
    let next = events.next().value ?? undefined;
    while (next !== undefined && next.atMs < this.#missedMs) next = events.next().value ?? undefined;
    if (next === undefined) return;
    this.#at(this.stage.timeOf(next.atMs), () => {
      if (this.stage.isOver) return;
      if (next.kind === 'disconnect') device.line.leave(device, next.forMs);
      else device.line.lose(next.forMs);
      this.#fault(device, events);
    });
  }

  #at(timeMs: number, run: () => void): void {
    this.stage.schedule(timeMs - this.stage.nowMs, run);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.stage.schedule(ms, resolve));
  }
}

function credentialsOf({ g, fleet }: DevicePlan): DeviceCredentials | undefined {
  return fleet.credentials?.(g - fleet.firstIndex);
}

function hasFaults({ plan }: SimulatedDevice): boolean {
  const { disconnect, reconnectStorm } = plan.fleet.faults;
  return disconnect !== undefined || reconnectStorm !== undefined;
}
