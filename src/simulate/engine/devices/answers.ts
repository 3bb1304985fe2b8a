import type { Failure } from '../../../errors.ts';
import type { AnswerStep, DevicePlan, DeviceReport } from '../../plan/index.ts';
import { PatientPost, type Sender } from '../sockets/post.ts';
import type { Talk } from '../operators/talk.ts';
import { updateText } from '../sockets/texts.ts';
import type { RunStage } from '../stage.ts';
import { Alarm } from '../wheel.ts';

/** The device that gives an answer. */
export interface AnsweringDevice extends Sender {
  readonly plan: DevicePlan;
  /** Adds a line to the events in the live view. */
  note(text: string): void;
}

/** A command as a device has received it. */
export interface Task {
  readonly id: number;
  readonly name: string | null;
  readonly receivedMs: number;
  /** The operators' record of it; undefined if this process did not send it. */
  readonly talk: Talk | undefined;
}

/**
 * A device's reports on one command. Each update is sent when the one before is acknowledged, because simultaneous
 * ones can be lost (PROTOCOL.md 7, Q37).
 */
export class Answering extends Alarm {
  protected readonly stage: RunStage;
  protected readonly task: Task;
  readonly #device: AnsweringDevice;
  #waiting: DeviceReport[] | undefined;
  #state: 'free' | 'busy' | 'refused' = 'free';
  #sentMs: number | undefined;

  constructor(stage: RunStage, device: AnsweringDevice, task: Task) {
    super();
    this.stage = stage;
    this.task = task;
    this.#device = device;
  }

  /**
   * Sends a report `times` times (faults drop or repeat it). Empty reports, and all after a refused one, are skipped.
   */
  report(report: DeviceReport): void {
    if (this.#state === 'refused') return;
    if (this.#state === 'busy') (this.#waiting ??= []).push(report);
    else if (report.status === undefined && report.result === undefined) this.#reported();
    else if (report.times === 0) this.#drop(report);
    else this.#send(report);
  }

  ring(): void {
    return;
  }

  /** Notes that an update, or its copy, was acknowledged, and sends the next one. */
  acknowledged(isCopy: boolean): void {
    const { updates } = this.stage.recorder;
    if (this.task.talk !== undefined) this.task.talk.acknowledged(isCopy);
    else if (isCopy) updates.duplicate();
    else updates.receive();
    if (isCopy) return;
    this.#state = 'free';
    this.#reported();
  }

  /** Notes that the update was refused, and will never be acknowledged. */
  refused(): void {
    this.#state = 'refused';
    this.#waiting = undefined;
    this.task.talk?.refused();
    this.finish();
  }

  /** Called when all reports so far are acknowledged. */
  protected reported(): void {
    return;
  }

  /** Notes that nothing more will be reported. */
  protected finish(): void {
    const { recorder } = this.stage;
    if (this.#sentMs !== undefined) recorder.hop('command.handled', this.#sentMs - this.task.receivedMs);
    this.task.talk?.finished();
  }

  #reported(): void {
    const next = this.#waiting?.shift();
    if (next === undefined) this.reported();
    else this.report(next);
  }

  /** Drops a report, because a fault of the plan says so. */
  #drop(report: DeviceReport): void {
    this.#note(report, ', dropped as planned');
    this.#reported();
  }

  #note({ status }: DeviceReport, fault: string): void {
    this.#device.note(`${this.task.name ?? '(no name)'} → ${status ?? 'a result'}${fault}`);
  }

  #send(report: DeviceReport): void {
    const { recorder, nowMs } = this.stage;
    const text = updateText(this.#device.plan.id, this.task.id, report);
    this.#state = 'busy';
    this.#sentMs = nowMs;
    recorder.updates.expect();
    this.task.talk?.reported(report.status ?? null, nowMs, report.times);
    this.#note(report, report.times === 1 ? '' : ', sent twice as planned');
    for (let time = 0; time < report.times; time++) {
      this.#device.send(new UpdatePost(this.stage, text, { device: this.#device, answering: this, isCopy: time > 0 }));
    }
  }
}

/** An answer that the plan describes: its steps are reported one by one, each after its pause. */
export class PlannedAnswer extends Answering {
  readonly #steps: readonly AnswerStep[];
  #index = 0;
  /** When the step before was due; pauses count from there, so that lateness does not add up. */
  #fromMs: number;

  constructor(stage: RunStage, device: AnsweringDevice, task: Task, steps: readonly AnswerStep[]) {
    super(stage, device, task);
    this.#steps = steps;
    this.#fromMs = task.receivedMs;
  }

  begin(): void {
    this.stage.answering++;
    this.reported();
  }

  override ring(): void {
    const step = this.#steps[this.#index++];
    if (step === undefined) return;
    this.#fromMs += step.afterMs;
    this.report(step.report(this.stage.planMsOf(this.#fromMs)));
  }

  protected override reported(): void {
    const step = this.#steps[this.#index];
    if (step === undefined) return this.finish();
    const dueMs = this.#fromMs + step.afterMs;
    if (dueMs <= this.stage.nowMs) this.ring();
    else this.stage.wheel.set(this, dueMs);
  }

  protected override finish(): void {
    this.stage.answering--;
    super.finish();
  }
}

interface Update {
  readonly device: AnsweringDevice;
  readonly answering: Answering;
  /** True for the second sending of a report that a fault duplicates. */
  readonly isCopy: boolean;
}

/** An update on its way. After a lost connection it is sent again over the next one. */
class UpdatePost extends PatientPost {
  readonly action = 'command/update';
  readonly #device: AnsweringDevice;
  readonly #answering: Answering;
  readonly #isCopy: boolean;
  readonly #sentMs: number;

  constructor(stage: RunStage, text: string, { device, answering, isCopy }: Update) {
    super(stage, text, device.plan.id);
    this.#device = device;
    this.#answering = answering;
    this.#isCopy = isCopy;
    this.#sentMs = stage.nowMs;
  }

  protected answered(): void {
    this.stage.recorder.hop('update.accepted', this.stage.nowMs - this.#sentMs);
    this.#answering.acknowledged(this.#isCopy);
  }

  /** Counts the report as unsent, once: its copy is not expected. */
  protected unsent(): void {
    if (!this.#isCopy) this.stage.recorder.updates.giveUp();
  }

  protected failed(failure: Failure, wasSent: boolean): void {
    if (failure.kind === 'connect' && !this.stage.isClosing) return this.#device.keep(this, wasSent);
    this.tell(failure);
    if (!this.#isCopy) this.#answering.refused();
  }
}
