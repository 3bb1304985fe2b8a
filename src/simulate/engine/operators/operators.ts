import { listReader, type AskServer } from '../../../client/index.ts';
import type { Failure } from '../../../errors.ts';
import type { Frame, PushFrame, ReplyFrame } from '../../../protocol/frames.ts';
import { deviceOf, trafficOf, type TrafficEvent } from '../../plan/index.ts';
import { Connector } from '../sockets/connector.ts';
import { PatientPost, unsentText } from '../sockets/post.ts';
import { isPlayedHere } from '../share.ts';
import type { RunStage } from '../stage.ts';
import { Talks } from './talks.ts';
import { insertText } from '../sockets/texts.ts';
import { CallingAlarm } from '../wheel.ts';
import { eachOf } from '../lanes.ts';

/** Up to this many devices get a subscription each; more share one that covers all. */
const mostSubscriptions = 100;
const retryMs = 500;
/** How long a command waits for its device to be registered again, in ms. */
const patienceMs = 60_000;

/**
 * The operators: they send the plan's commands when due, however long answers take, and receive the devices' updates.
 * They subscribe before they send, because DeviceHive tells the sender of a command nothing by itself (PROTOCOL.md
 * 5.3).
 */
export class Operators extends Connector {
  readonly talks: Talks;
  readonly #pacer = new CallingAlarm(() => this.#pump());
  readonly #names: readonly string[];
  #events: Iterator<TrafficEvent, void> | undefined;
  #next: TrafficEvent | undefined;
  #isUp = false;
  /** True while commands due before the end are unsent. */
  #owes = false;
  #freeSinceMs = 0;
  #ready: (() => void) | undefined;
  /** Commands whose devices are not registered at present. */
  readonly #absent = new Set<InsertPost>();

  constructor(stage: RunStage) {
    super(stage);
    this.talks = new Talks(stage);
    this.#names = [...new Set(stage.plan.traffic.map(({ command }) => command))];
  }

  /** Connects and subscribes; settles when that is done. Throws the `Failure` of the last try to connect. */
  async prepare(retries: number): Promise<void> {
    const ready = new Promise<void>((resolve) => (this.#ready = resolve));
    await this.connect(retries);
    await ready;
  }

  /** Starts sending, because the plan's clock has begun. */
  begin(): void {
    const { plan, shard, planClock } = this.stage;
    this.#events = trafficOf(plan, shard, planClock);
    this.#freeSinceMs = this.stage.nowMs;
    this.#take();
    this.#pump();
  }

  /** Ends the plan's time: only what was due before is still sent. */
  end(): void {
    const { wheel, lastPlanMs } = this.stage;
    wheel.cancel(this.#pacer);
    this.#owes = (this.#next?.atMs ?? Infinity) <= lastPlanMs;
    if (!this.#owes) return void (this.#next = undefined);
    this.stage.owing++;
    this.#pump();
  }

  protected opened(): void {
    void this.#subscribe(this.epoch);
  }

  protected pushed(push: PushFrame): void {
    this.talks.heard(push);
  }

  protected lost(): void {
    this.#isUp = false;
  }

  /**
   * Subscribes to all devices, or to each. After a lost connection also reads what was missed of unanswered commands.
   */
  async #subscribe(epoch: number): Promise<void> {
    const since = this.talks.incomplete();
    const targets = targetsOf(this.stage);
    try {
      if (targets === undefined) await this.#subscribeToAll();
      const hearsAll = targets === undefined;
      await eachOf(targets ?? [...since.keys()], (id) => this.#listenTo(id, since.get(id), hearsAll, epoch));
    } catch (error) {
      return this.#notSubscribed(error as Failure, epoch);
    }
    if (this.epoch !== epoch || this.link === undefined) return;
    this.#isUp = true;
    this.#freeSinceMs = this.stage.nowMs;
    this.#ready?.();
    this.#pump();
  }

  async #subscribeToAll(): Promise<void> {
    const fields = { ...this.#everywhere(), ...this.#updates };
    const action = 'command/subscribe';
    const ask: AskServer = (question, payload) => this.ask(question, payload);
    const { withBothLists } = await listReader();
    await this.ask(action, await withBothLists(action, fields, this.link?.accessToken, ask));
  }

  get #updates() {
    return { names: this.#names, returnUpdatedCommands: true };
  }

  #notSubscribed(failure: Failure, epoch: number): void {
    if (this.epoch !== epoch || this.link === undefined) return;
    const isPermanent = failure.kind === 'auth' || (failure.kind === 'refused' && (failure.code ?? 500) < 500);
    if (isPermanent && epoch === 1) return this.stage.abort(failure);
    this.stage.tell(failure);
    this.link.cut();
  }

  /**
   * Subscribes to a device. A server that has lost its memory knows it only once it is back, so this repeats until
   * then.
   */
  async #listenTo(deviceId: string, sinceMs: number | undefined, hearsAll: boolean, epoch: number): Promise<void> {
    try {
      if (!hearsAll) await this.ask('command/subscribe', { deviceId, ...this.#updates });
      if (sinceMs !== undefined) await this.#hearUpdates(deviceId, sinceMs);
    } catch (error) {
      const { code } = error as Failure;
      if (epoch === 1 || (code !== 404 && code !== 403)) throw error;
      this.stage.schedule(retryMs, () => {
        if (this.epoch !== epoch || this.link === undefined) return;
        this.#listenTo(deviceId, sinceMs, hearsAll, epoch).catch((again: unknown) =>
          this.#notSubscribed(again as Failure, epoch),
        );
      });
    }
  }

  /**
   * Reads missed updates under subscription id 0, which no subscription has, so that one that is pushed too counts as
   * the same.
   */
  #hearUpdates(deviceId: string, sinceMs: number): Promise<void> {
    const action = 'command/update';
    const missed = { action, deviceId, names: this.#names, sinceMs, insertedSinceMs: sinceMs };
    return this.hearMissed(missed, (command) => this.talks.heard({ action, command, subscriptionId: 0 }));
  }

  /**
   * Returns the networks and types of all devices of the plan, if it names them; else the subscription covers all that
   * the token may see.
   */
  #everywhere(): Frame {
    const { fleets } = this.stage.plan;
    const networkIds = new Set(fleets.map(({ network }) => network));
    const deviceTypeIds = new Set(fleets.map(({ deviceType }) => deviceType));
    if (networkIds.has(undefined)) return {};
    return {
      networkIds: [...networkIds],
      ...(deviceTypeIds.has(undefined) ? {} : { deviceTypeIds: [...deviceTypeIds] }),
    };
  }

  /** Goes on to the next event that this process sends. */
  #take(): void {
    do this.#next = this.#events?.next().value ?? undefined;
    while (this.#next !== undefined && !isPlayedHere(this.#next.target, this.stage));
  }

  #pump(): void {
    const { stage } = this;
    if (!this.#isUp || !stage.hasBegun) return;
    for (; this.#next !== undefined; this.#take()) {
      if (this.#next.atMs > stage.lastPlanMs) break;
      const dueMs = stage.timeOf(this.#next.atMs);
      if (dueMs > stage.nowMs) return stage.wheel.set(this.#pacer, dueMs);
      this.#send(this.#next, dueMs);
    }
    this.#sentAll();
  }

  #send(event: TrafficEvent, dueMs: number): void {
    const { recorder, plan, nowMs } = this.stage;
    const { id } = deviceOf(plan, event.target);
    if (dueMs >= this.#freeSinceMs) recorder.hop('send.lag', nowMs - dueMs);
    this.talks.expect(id);
    this.post(new InsertPost(this.stage, this, { event, dueMs, deviceId: id }));
  }

  /** Sends a command again later, because its device is not back yet. Returns false if it has waited long enough. */
  sendLater(post: InsertPost, code: number | null): boolean {
    const { stage } = this;
    // restricted tokens get 403 for a device that does not exist, but also for one that they may not command
    // (PROTOCOL.md 7, Q25)
    const isAbsent = code === 404 || (code === 403 && this.epoch > 1);
    if (!isAbsent || stage.isClosing || stage.nowMs - post.sentMs > patienceMs) return false;
    this.#absent.add(post);
    const retry = () => {
      if (!this.#isUp) stage.schedule(retryMs, retry);
      else if (this.#absent.delete(post)) this.post(post);
    };
    stage.schedule(retryMs, retry);
    return true;
  }

  override close(): void {
    for (const post of this.#absent) post.ended();
    let unsent = 0;
    for (; this.#next !== undefined && this.#next.atMs <= this.stage.lastPlanMs; this.#take()) {
      this.talks.unsent();
      unsent++;
    }
    if (unsent > 0) this.stage.recorder.fail('late', null, unsentText('command/insert'), unsent);
    super.close();
    this.talks.close();
  }

  #sentAll(): void {
    if (!this.#owes) return;
    this.#owes = false;
    this.#next = undefined;
    this.stage.owing--;
  }
}

/**
 * Returns the devices with a subscription each; undefined if one subscription covers all. Each shard or process of a
 * run subscribes to its own devices only.
 */
function targetsOf({ plan, shard, part }: RunStage): string[] | undefined {
  if (plan.load.rampPerSecond !== undefined) return undefined;
  const isAlone = shard.count * part.count === 1;
  const targets = new Set<number>();
  for (const { firstTarget, targetCount } of plan.traffic) {
    for (let g = firstTarget; g < firstTarget + targetCount; g++) {
      if (isPlayedHere(g, { shard, part })) targets.add(g);
      if (isAlone && targets.size > mostSubscriptions) return undefined;
    }
  }
  return [...targets].map((g) => deviceOf(plan, g).id);
}

/** A command whose time has come. */
interface DueCommand {
  readonly event: TrafficEvent;
  /** By the clock of this process. */
  readonly dueMs: number;
  readonly deviceId: string;
}

/**
 * A command on its way to the server. It is not repeated, because one without a reply may have arrived; only if its
 * device is not there yet, it is sent again.
 */
class InsertPost extends PatientPost {
  readonly action = 'command/insert';
  readonly sentMs: number;
  readonly #operators: Operators;
  readonly #event: TrafficEvent;
  readonly #dueMs: number;
  readonly #deviceId: string;

  constructor(stage: RunStage, operators: Operators, { event, dueMs, deviceId }: DueCommand) {
    super(stage, insertText(deviceId, event.traffic.command, event.parameters), deviceId);
    this.sentMs = stage.nowMs;
    this.#operators = operators;
    this.#event = event;
    this.#dueMs = dueMs;
    this.#deviceId = deviceId;
  }

  protected answered(reply: ReplyFrame): void {
    this.stage.recorder.hop('command.accepted', this.stage.nowMs - this.#dueMs);
    this.#operators.talks.accepted(this.#event, this.#dueMs, this.#deviceId, reply);
  }

  protected unsent(): void {
    this.#operators.talks.unsent();
  }

  protected override unanswered(): void {
    super.unanswered();
    this.#operators.talks.unanswered(this.#event, this.#dueMs, this.#deviceId);
  }

  protected failed(failure: Failure): void {
    if (this.#operators.sendLater(this, failure.code)) return;
    this.tell(failure);
    this.#operators.talks.settled(this.#deviceId);
  }
}
