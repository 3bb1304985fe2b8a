import type { Failure } from '../../../errors.ts';
import { isFrame, type ReplyFrame } from '../../../protocol/frames.ts';
import type { DevicePlan, Series } from '../../plan/index.ts';
import { PatientPost, type Sender } from '../sockets/post.ts';
import type { RunStage } from '../stage.ts';

/** The device that sends these notifications. */
export interface NotifyingDevice extends Sender {
  readonly plan: DevicePlan;
  /** Notes that a notification was acknowledged. */
  notified(number: number, timestamp: unknown): void;
}

/** Returns the series that is due first. */
export function earliest(all: readonly Series[]): Series | undefined {
  let [first] = all;
  for (const series of all) if (first !== undefined && series.nextAtMs < first.nextAtMs) first = series;
  return first;
}

/** A notification whose time has come. */
interface DueNotification {
  readonly text: string;
  /** By the clock of this process. */
  readonly dueMs: number;
  /** Its number among all notifications of the device, from 1. */
  readonly number: number;
}

/**
 * A notification on its way. If its connection is lost before the reply it is sent again, because nobody knows whether
 * it arrived.
 */
export class NotificationPost extends PatientPost {
  readonly action = 'notification/insert';
  readonly #device: NotifyingDevice;
  readonly #dueMs: number;
  readonly #number: number;

  constructor(stage: RunStage, device: NotifyingDevice, { text, dueMs, number }: DueNotification) {
    super(stage, text, device.plan.id);
    this.#device = device;
    this.#dueMs = dueMs;
    this.#number = number;
  }

  protected answered({ notification }: ReplyFrame): void {
    const { recorder, nowMs } = this.stage;
    recorder.hop('notification.accepted', nowMs - this.#dueMs);
    recorder.notifications.receive();
    if (isFrame(notification)) this.#device.notified(this.#number, notification['timestamp']);
  }

  protected unsent(): void {
    this.stage.recorder.notifications.giveUp();
  }

  protected failed(failure: Failure, wasSent: boolean): void {
    if (failure.kind === 'connect' && !this.stage.isClosing) this.#device.keep(this, wasSent);
    else this.tell(failure);
  }
}
