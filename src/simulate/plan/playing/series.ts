import { startMsOf } from '../device.ts';
import type {
  DevicePlan,
  DeviceState,
  JsonFields,
  GeneratorMemory,
  NotificationPlan,
  Plan,
  PlanClock,
  Random,
  Series,
} from '../model.ts';
import { Stream, whole } from '../random.ts';

/**
 * Events with periods of `fromMs` or more lie on a grid of `gridMs`, so that a process with a hundred thousand quiet
 * devices wakes seldom, without sending late.
 */
const long = { fromMs: 10_000, gridMs: 5 };

/**
 * Returns the notifications of a device, one series for each. Events lie at start + phase + k × period, with 0 ≤ phase
 * < period drawn once, each moved by its jitter, and strictly before the end of the run; at most as many as the
 * notification's limit.
 */
export function seriesOf(plan: Plan, device: DevicePlan): Series[] {
  return device.fleet.notifications.map((notification) => new DeviceSeries(plan, device, notification));
}

class DeviceSeries implements Series {
  nextAtMs = 0;
  readonly #notification: NotificationPlan;
  readonly #random: Random;
  readonly #memory: GeneratorMemory | undefined;
  readonly #startMs: number;
  readonly #endMs: number;
  readonly #gridMs: number;
  /** When the next event is due before its jitter. */
  #regularMs: number;
  #count = 0;

  constructor(plan: Plan, device: DevicePlan, notification: NotificationPlan) {
    this.#notification = notification;
    this.#random = new Stream(plan.seed, device.id, 'notification', notification.name, notification.nth);
    this.#memory = notification.parameters?.remember();
    this.#startMs = startMsOf(plan, device);
    this.#endMs = plan.load.forMs ?? Infinity;
    const { everyMs } = notification;
    this.#gridMs = everyMs < long.fromMs ? 1 : long.gridMs;
    this.#regularMs = this.#startMs + this.#gridMs * whole(this.#random, Math.ceil(everyMs / this.#gridMs));
    this.#settle();
  }

  get name(): string {
    return this.#notification.name;
  }

  produce({ values }: DeviceState, { originMs }: PlanClock): JsonFields | undefined {
    const { parameters, everyMs } = this.#notification;
    const produced = parameters?.produce({
      random: this.#random,
      memory: this.#memory,
      atMs: this.nextAtMs,
      originMs,
      state: values,
      parameters: null,
    });
    this.#regularMs += everyMs;
    this.#count++;
    this.#settle();
    return produced;
  }

  #settle(): void {
    const { jitterMs, limit = Infinity } = this.#notification;
    const gridMs = jitterMs < this.#gridMs ? 1 : this.#gridMs;
    const most = Math.floor(jitterMs / gridMs);
    const moved = jitterMs === 0 ? 0 : gridMs * Math.round((2 * this.#random.unit() - 1) * most);
    const atMs = Math.max(this.#startMs, this.#regularMs + moved);
    this.nextAtMs = atMs < this.#endMs && this.#count < limit ? atMs : Infinity;
  }
}
