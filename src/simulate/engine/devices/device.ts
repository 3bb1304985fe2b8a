import type { Link } from '../../../client/index.ts';
import { isFrame, type Frame, type ReplyFrame } from '../../../protocol/frames.ts';
import { parseTimestamp } from '../../../protocol/timestamps.ts';
import {
  answerTo,
  seriesOf,
  stateOf,
  type DevicePlan,
  type DeviceState,
  type JsonFields,
  type ReceivedCommand,
  type RunningBehaviour,
  type Series,
} from '../../plan/index.ts';
import { Answering, PlannedAnswer, type AnsweringDevice, type Task } from './answers.ts';
import { hostOf, type HostedDevice } from './host.ts';
import { earliest, NotificationPost, type NotifyingDevice } from './notifications.ts';
import type { PatientPost } from '../sockets/post.ts';
import type { RunStage } from '../stage.ts';
import { notificationText } from '../sockets/texts.ts';
import { Alarm } from '../wheel.ts';

/** Command ids are smaller (PROTOCOL.md 6.10), so device number × this + id is a safe integer. */
const idSpace = 2 ** 31;

/** The connection of a device, which others may share. */
export interface DeviceLine {
  /** Undefined while it is lost. */
  readonly link: Link | undefined;
  post(post: PatientPost): void;
  /** Sends a request and waits for its success reply; throws a `Failure`. */
  ask(action: string, fields: Frame): Promise<ReplyFrame>;
  /** Wants a device to be up from now on. */
  enter(device: SimulatedDevice): void;
  /** Takes one device away for a while. */
  leave(device: SimulatedDevice, forMs: number): void;
  /** Drops the connection of all its devices without a word, and stays away for this long. */
  lose(forMs: number): void;
}

/**
 * One simulated device: it sends notifications when due, answers commands, and catches up after an absence. It is also
 * the alarm of its notifications.
 */
export class SimulatedDevice extends Alarm implements AnsweringDevice, NotifyingDevice, HostedDevice {
  readonly plan: DevicePlan;
  readonly line: DeviceLine;
  readonly stage: RunStage;
  readonly #state: DeviceState;
  #series: readonly Series[] | undefined;
  #behaviour: RunningBehaviour | undefined;
  /** True while it is registered and subscribed over a working connection. */
  isUp = false;
  /** True if this run created the device on the server. */
  wasCreated = false;
  /** True if it was up before. */
  wasUp = false;
  /** True if it should be connected, because its start time has come. */
  isWanted = false;
  #hasBegun = false;
  subscriptionId = 0;
  /** The time until which it missed no push, by the clock of this process. */
  heardMs = 0;
  #freeSinceMs = 0;
  /** Requests to be sent again over the next connection. */
  #kept: PatientPost[] | undefined;
  #notified = 0;
  /** How often it was away; afterwards commands may be delivered again. */
  #absences = 0;
  #latest: { readonly number: number; readonly timestamp: string } | undefined;
  #lastCommandAt = '';

  constructor(stage: RunStage, plan: DevicePlan, line: DeviceLine) {
    super();
    this.stage = stage;
    this.plan = plan;
    this.line = line;
    this.#state = stateOf(stage.plan, plan);
  }

  /** Starts playing, at the device's start time on the plan's clock. */
  begin(): void {
    this.#hasBegun = true;
    const { behaviour } = this.plan.fleet;
    if (behaviour !== undefined) this.#behaviour = behaviour.start(this.plan, this.#state, hostOf(this));
    this.release();
  }

  /** Notes that the device is registered and subscribed, and sends waiting requests. */
  up(subscriptionId: number): void {
    const { stage } = this;
    this.isUp = true;
    this.wasUp = true;
    if (!stage.isOver) this.#series ??= seriesOf(stage.plan, this.plan);
    this.subscriptionId = subscriptionId;
    stage.recorder.connected++;
    this.#freeSinceMs = stage.nowMs;
    for (const post of this.#kept?.splice(0) ?? []) {
      stage.kept--;
      this.line.post(post);
    }
    this.#pump();
  }

  /** Notes that the connection is lost; `heardMs` is when it last received anything. */
  down(heardMs: number): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.#absences++;
    this.heardMs = heardMs;
    this.stage.recorder.connected--;
    this.stage.wheel.cancel(this);
  }

  ring(): void {
    this.#pump();
  }

  /** Sends again after `mayNotify` has held it back. */
  release(): void {
    this.#freeSinceMs = this.stage.nowMs;
    this.#pump();
  }

  /** Sends a request now, or as soon as it is up. */
  send(post: PatientPost): void {
    if (this.isUp) this.line.post(post);
    else this.keep(post, false);
  }

  /** Keeps a request whose connection was lost before its reply, to send it again. */
  keep(post: PatientPost, wasSent: boolean): void {
    if (wasSent) this.stage.recorder.count('repeated');
    this.stage.kept++;
    (this.#kept ??= []).push(post);
  }

  /** Ends the device and reports requests that still wait. Returns how many due notifications were never sent. */
  close(): number {
    this.#behaviour?.stop();
    for (const post of this.#kept?.splice(0) ?? []) post.ended();
    const { lastPlanMs, planClock } = this.stage;
    let unsent = 0;
    for (const series of this.#series ?? []) {
      for (; series.nextAtMs <= lastPlanMs; unsent++) series.produce(this.#state, planClock);
    }
    return unsent;
  }

  note(text: string): void {
    const { recorder, nowMs } = this.stage;
    recorder.note({ atMs: Math.round(this.stage.planMsOf(nowMs)), device: this.plan.id, text });
  }

  /** Receives a pushed command. */
  command(command: Frame): void {
    const { id } = command;
    if (typeof id !== 'number' || this.#isKnown(id)) return;
    const timestamp = String(command['timestamp']);
    if (timestamp < this.#lastCommandAt) this.stage.recorder.commands.reorder();
    else this.#lastCommandAt = timestamp;
    this.#receive(id, command);
  }

  /** Receives a command missed while the device was away; a later push of it does not count as a copy. */
  missed(command: Frame): void {
    const { id } = command;
    const { seen, nowMs } = this.stage;
    if (typeof id !== 'number' || seen.get(this.#keyOf(id)) !== undefined) return;
    seen.set(this.#keyOf(id), this.#absences - 1, nowMs);
    this.#receive(id, command);
  }

  #receive(id: number, command: Frame): void {
    const { recorder, nowMs, sentHere } = this.stage;
    const talk = sentHere?.received(this.plan.id, id);
    if (talk === undefined) recorder.commands.receiveFromElsewhere();
    const name = typeof command['command'] === 'string' ? command['command'] : null;
    if (this.#isExpired(command)) return talk?.finished();
    const parameters = isFrame(command['parameters']) ? command['parameters'] : null;
    this.#answer({ id, name, receivedMs: nowMs, talk }, { command: name, parameters });
  }

  /** Notes that a notification was acknowledged. */
  notified(number: number, timestamp: unknown): void {
    if (typeof timestamp !== 'string') return;
    const latest = this.#latest;
    if (latest === undefined || number > latest.number) {
      if (latest !== undefined && timestamp < latest.timestamp) this.stage.recorder.notifications.reorder();
      this.#latest = { number, timestamp };
    } else if (timestamp > latest.timestamp) this.stage.recorder.notifications.reorder();
  }

  /**
   * Ends the plan's time: only what was due before is still sent, but commands are answered as long as the run lasts.
   */
  end(): void {
    const { wheel, lastPlanMs } = this.stage;
    wheel.cancel(this);
    if ((earliest(this.#series ?? [])?.nextAtMs ?? Infinity) > lastPlanMs) return void (this.#series = undefined);
    this.stage.owing++;
    this.#pump();
  }

  /**
   * Remembers a command. Returns whether it was received before: as a copy, which is counted, or because it was asked
   * for again.
   */
  #isKnown(id: number): boolean {
    const { seen, recorder, nowMs } = this.stage;
    const key = this.#keyOf(id);
    const epoch = seen.get(key);
    if (epoch === undefined) seen.set(key, this.#absences, nowMs);
    else if (epoch === this.#absences) recorder.commands.duplicate();
    return epoch !== undefined;
  }

  #keyOf(id: number): number {
    return this.plan.g * idSpace + id;
  }

  /**
   * True if the command's `lifetime` is over. DeviceHive delivers those too; a device ignores them (PROTOCOL.md 7,
   * Q15).
   */
  #isExpired({ lifetime, timestamp }: Frame): boolean {
    if (typeof lifetime !== 'number' || lifetime <= 0 || typeof timestamp !== 'string') return false;
    const sinceMs = parseTimestamp(timestamp) ?? Infinity;
    return this.stage.serverMsOf(this.stage.nowMs) - sinceMs > lifetime * 1000;
  }

  #answer(task: Task, command: ReceivedCommand): void {
    const { stage } = this;
    if (this.#behaviour !== undefined && this.plan.fleet.behaviour?.answers(command.command) === true) {
      const answering = new Answering(stage, this, task);
      const handled = this.#behaviour.command(command, (report) => answering.report(report));
      if (handled === undefined) return;
      stage.answering++;
      return void handled.then(() => stage.answering--);
    }
    const { steps } = answerTo(
      { plan: stage.plan, device: this.plan, state: this.#state, clock: stage.planClock },
      command,
    );
    new PlannedAnswer(stage, this, task, steps).begin();
  }

  /** Sends the notifications that are due, earliest first, and sets the alarm for the next. */
  #pump(): void {
    const { stage } = this;
    if (!this.#hasBegun || this.#series === undefined || !this.isUp) return;
    for (;;) {
      const series = earliest(this.#series);
      if (series === undefined || series.nextAtMs > stage.lastPlanMs) return this.#sentAll();
      const dueMs = stage.timeOf(series.nextAtMs);
      const { nowMs } = stage;
      if (dueMs > nowMs) return stage.wheel.set(this, dueMs);
      if (!stage.mayNotify(this)) return;
      if (dueMs >= this.#freeSinceMs) stage.recorder.hop('send.lag', nowMs - dueMs);
      this.notify(series.name, series.produce(this.#state, stage.planClock), dueMs);
    }
  }

  #sentAll(): void {
    if (!this.stage.isOver) return;
    this.#series = undefined;
    this.stage.owing--;
  }

  /** Counts a module's notification as lost, because too many wait: the server is away or slow. */
  omit(): void {
    const { recorder } = this.stage;
    recorder.notifications.omit();
    recorder.fail('late', null, 'notification/insert: not sent, because too many wait already');
  }

  /** Sends a notification that was due at `dueMs`. */
  notify(name: string, parameters: JsonFields | undefined, dueMs: number): void {
    const text = notificationText(this.plan.id, name, parameters);
    this.stage.recorder.notifications.expect();
    this.send(new NotificationPost(this.stage, this, { text, dueMs, number: ++this.#notified }));
  }
}
