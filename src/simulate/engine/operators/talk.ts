import type { Frame } from '../../../protocol/frames.ts';
import type { Recorder } from '../../measure/recorder.ts';
import type { TrafficEvent } from '../../plan/index.ts';
import { Alarm } from '../wheel.ts';

/** How long a complete command is remembered, in ms, for copies of its last update. */
const lingerMs = 1000;

/** A report of the device that the operator should hear of. */
interface Told {
  readonly status: string | null;
  readonly sentMs: number;
  isTold: boolean;
}

/** Keeps talks as long as pushes about them may come. */
export interface TalkKeeper {
  readonly recorder: Recorder;
  /** By the clock of this process. */
  readonly nowMs: number;
  /** Called when the operator waits for nothing more. */
  closed(talk: Talk): void;
  /** Keeps a complete talk for a while, because copies of updates may still come. */
  linger(talk: Talk, forMs: number): void;
  forget(talk: Talk): void;
}

/**
 * The state of one command on both sides, matched by its id. The device may receive it before the operator knows its
 * id: until then `isOurs` is undefined, and messages that come are kept.
 */
export class Talk extends Alarm {
  readonly deviceId: string;
  readonly id: number;
  readonly createdMs: number;
  isOurs: boolean | undefined;
  readonly #recorder: Recorder;
  readonly #talks: TalkKeeper;
  #event: TrafficEvent | undefined;
  #dueMs = 0;
  #receivedMs: number | undefined;
  #reports: Told[] | undefined;
  #acknowledged = 0;
  #early: Frame[] | undefined;
  #lastTold: { readonly lastUpdated: string; readonly status: unknown; readonly subscriptionId: number } | undefined;
  /** Copies of reports, made by faults, that are still to come. */
  #copies = 0;
  #hasFinished = false;
  /** True if the operator waits no longer. */
  #isOver = false;

  constructor(talks: TalkKeeper, deviceId: string, id: number) {
    super();
    this.#talks = talks;
    this.#recorder = talks.recorder;
    this.deviceId = deviceId;
    this.id = id;
    this.createdMs = talks.nowMs;
  }

  /** True if the device has received it. */
  get isReceived(): boolean {
    return this.#receivedMs !== undefined;
  }

  /** True while an operator waits for the device. */
  get isOpen(): boolean {
    return this.isOurs === true && !this.#isOver;
  }

  /** True if no more messages about it are expected, on either side. */
  get isComplete(): boolean {
    if (this.isOurs !== true || !this.#isOver) return this.isOurs === false;
    return this.#hasFinished && this.#isHeard;
  }

  /**
   * True if nothing is on its way, on either side. An answer of a module is never complete, because it may report at
   * any time; it does not after the plan's time.
   */
  get isQuiet(): boolean {
    return this.isComplete || (this.#isOver && this.#receivedMs !== undefined && this.#isHeard);
  }

  /** Notes that the server has accepted the command of an operator of this process. */
  accepted(event: TrafficEvent, dueMs: number): void {
    this.isOurs = true;
    this.#event = event;
    this.#dueMs = dueMs;
    this.#recorder.commands.expect();
    if (this.#receivedMs !== undefined) this.#delivered(this.#receivedMs);
    for (const push of this.#early?.splice(0) ?? []) this.heard(push);
  }

  /** Notes that nobody in this process has sent the command. */
  foreign(): void {
    this.isOurs = false;
    this.#isOver = true;
    if (this.#receivedMs === undefined) return;
    this.#recorder.commands.receiveFromElsewhere();
    for (; this.#acknowledged > 0; this.#acknowledged--) this.#recorder.updates.receive();
  }

  /** Notes that the device has received the command. */
  received(nowMs: number): void {
    if (this.#receivedMs !== undefined) return;
    this.#receivedMs = nowMs;
    if (this.isOurs === true) this.#delivered(nowMs);
  }

  /** Notes that the device sends a report, `times` times. */
  reported(status: string | null, sentMs: number, times: number): void {
    this.#copies += times - 1;
    (this.#reports ??= []).push({ status, sentMs, isTold: false });
  }

  /**
   * Notes that the server has acknowledged a report. That counts as its arrival only for a command from elsewhere; for
   * one of ours the operator's push does.
   */
  acknowledged(isCopy: boolean): void {
    if (this.isOurs === undefined && !isCopy) this.#acknowledged++;
    if (this.isOurs !== false) return;
    if (isCopy) this.#recorder.updates.duplicate();
    else this.#recorder.updates.receive();
  }

  /** Notes that the device reports no more. */
  finished(): void {
    this.#hasFinished = true;
    this.#lingerWhenComplete();
  }

  /** Notes that the server refused a report, or has forgotten the command: pushes that have not come never will. */
  refused(): void {
    for (const report of this.#reports ?? []) report.isTold = true;
    this.#copies = 0;
    this.finished();
  }

  /** Receives a push about an update, on the operator's side. */
  heard(push: Frame): void {
    if (this.isOurs === undefined) return void (this.#early ??= []).push(push);
    if (!this.isOurs) return;
    const { status, lastUpdated } = push['command'] as { status: string | null; lastUpdated: string };
    const subscriptionId = push['subscriptionId'] as number;
    const last = this.#lastTold;
    const isSame = last?.lastUpdated === lastUpdated && last.status === status;
    // two subscriptions push the same update twice
    if (isSame && last.subscriptionId !== subscriptionId) return;
    this.#lastTold = { status, lastUpdated, subscriptionId };
    if (last !== undefined && lastUpdated < last.lastUpdated) this.#recorder.updates.reorder();
    this.#told(status);
    const wanted = this.#event?.traffic.wait;
    if (!this.#isOver && (wanted === undefined || wanted === status)) this.#answered();
    this.#lingerWhenComplete();
  }

  /** Ends the operator's wait for an answer, or forgets a complete talk. */
  ring(): void {
    if (this.isComplete) return this.#talks.forget(this);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#recorder.count('unanswered');
    this.#talks.closed(this);
    this.#lingerWhenComplete();
  }

  #delivered(receivedMs: number): void {
    this.#recorder.commands.receive();
    this.#recorder.hop('command.delivered', receivedMs - this.#dueMs);
  }

  /** Counts a push as the arrival of its report, or as a duplicate. */
  #told(status: string | null): void {
    const report = this.#reports?.find((one) => !one.isTold && one.status === status);
    if (report === undefined) {
      this.#copies--;
      return this.#recorder.updates.duplicate();
    }
    report.isTold = true;
    this.#recorder.updates.receive();
    this.#recorder.hop('command.told', this.#talks.nowMs - report.sentMs);
  }

  #answered(): void {
    this.#isOver = true;
    this.#recorder.hop('command.total', this.#talks.nowMs - this.#dueMs);
    this.#talks.closed(this);
  }

  /** True if the operator has received all reports of the device so far. */
  get #isHeard(): boolean {
    return this.#copies <= 0 && this.#reports?.every(({ isTold }) => isTold) !== false;
  }

  #lingerWhenComplete(): void {
    if (this.isComplete) this.#talks.linger(this, lingerMs);
  }
}
