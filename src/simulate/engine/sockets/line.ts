import { Failure } from '../../../errors.ts';
import { isFrame, type PushFrame } from '../../../protocol/frames.ts';
import { Connector } from './connector.ts';
import type { SimulatedDevice } from '../devices/device.ts';
import { register, resume } from '../devices/registration.ts';
import type { RunStage } from '../stage.ts';
import { eachOf } from '../lanes.ts';

/** The live view's text for a connection cut by a fault of the plan. */
const lostAsPlanned = 'connection lost as planned';

/** One socket with its devices: one device, as in reality, or many. */
export class FleetSocket extends Connector {
  readonly devices: SimulatedDevice[] = [];
  readonly #onUp: (device: SimulatedDevice) => void;
  #byId: Map<string, SimulatedDevice> | undefined;
  #sinceMs: number | undefined;

  /** `onUp` is called when a device is first up. */
  constructor(stage: RunStage, onUp: (device: SimulatedDevice) => void) {
    super(stage);
    this.#onUp = onUp;
  }

  protected opened(sinceMs: number): void {
    this.#sinceMs = sinceMs;
    void this.#bringUp(
      this.devices.filter(({ isWanted }) => isWanted),
      this.epoch,
    );
  }

  /** Wants a device to be up from now on. */
  enter(device: SimulatedDevice): void {
    device.isWanted = true;
    if (this.link === undefined) this.open();
    else void this.#bringUp([device], this.epoch);
  }

  protected pushed({ action, command }: PushFrame): void {
    if (action !== 'command/insert' || !isFrame(command)) return;
    this.#deviceOf(command['deviceId'])?.command(command);
  }

  protected lost(isPlanned: boolean): void {
    for (const device of this.devices) device.down(this.heardMs);
    this.devices[0]?.note(isPlanned ? lostAsPlanned : 'connection lost');
  }

  /**
   * Takes one device of several away for a while, as if its connection were lost: it unsubscribes, and reads what it
   * missed when it is back.
   */
  leave(device: SimulatedDevice, forMs: number): void {
    if (this.devices.length === 1) return this.lose(forMs);
    if (!device.isUp) return;
    const { stage, epoch } = this;
    stage.recorder.count('disconnects');
    stage.recorder.count('plannedDisconnects');
    device.down(stage.nowMs);
    device.note(lostAsPlanned);
    this.ask('command/unsubscribe', { subscriptionId: device.subscriptionId }).catch(() => undefined);
    stage.schedule(forMs, () => {
      if (this.epoch !== epoch || this.link === undefined || stage.isClosing) return;
      stage.recorder.count('reconnects');
      void this.#bringUp([device], epoch);
    });
  }

  async #bringUp(devices: readonly SimulatedDevice[], epoch: number): Promise<void> {
    try {
      await eachOf(devices, (device) => this.#bringUpOne(device, epoch));
    } catch (error) {
      if (error instanceof Failure) this.#notUp(error, epoch);
      else this.stage.abort(error);
    }
  }

  async #bringUpOne(device: SimulatedDevice, epoch: number): Promise<void> {
    const { recorder, isOver } = this.stage;
    if (isOver && !device.wasUp) return;
    const subscriptionId = device.wasUp ? await resume(device, this, this.stage) : await register(device, this);
    if (subscriptionId === undefined || this.epoch !== epoch || this.link === undefined || device.isUp) return;
    if (this.#sinceMs !== undefined) recorder.hop('connect', this.stage.nowMs - this.#sinceMs);
    this.#sinceMs = undefined;
    const isFirst = !device.wasUp;
    device.up(subscriptionId);
    if (isFirst) this.#onUp(device);
  }

  /** Ends the run if a device may not be registered; retries passing failures over another connection. */
  #notUp(failure: Failure, epoch: number): void {
    if (this.epoch !== epoch || this.link === undefined || this.stage.isClosing) return;
    const isPassing = failure.kind === 'timeout' || failure.kind === 'connect' || (failure.code ?? 0) >= 500;
    if (!isPassing && this.devices.some(({ isWanted, wasUp }) => isWanted && !wasUp)) return this.stage.abort(failure);
    this.stage.tell(failure);
    this.link.cut();
  }

  #deviceOf(deviceId: unknown): SimulatedDevice | undefined {
    const [first] = this.devices;
    if (first?.plan.id === deviceId) return first;
    if (this.devices.length < 2) return undefined;
    this.#byId ??= new Map(this.devices.map((device) => [device.plan.id, device]));
    return this.#byId.get(deviceId as string);
  }
}
