import { isFrame, type PushFrame, type ReplyFrame } from '../../../protocol/frames.ts';
import type { Recorder } from '../../measure/recorder.ts';
import type { TrafficEvent } from '../../plan/index.ts';
import { rememberedMs } from '../recentIds.ts';
import type { RunStage } from '../stage.ts';
import { Talk, type TalkKeeper } from './talk.ts';

/** How long before the missed time a replay begins, in ms. */
const slackMs = 2000;
const sweepMs = 30_000;

/** The incomplete commands that operators have sent to one device. */
interface OpenTalks {
  /** Inserts without a reply: commands that the device receives meanwhile may be theirs. */
  pending: number;
  readonly talks: Map<number, Talk>;
}

/** The incomplete commands of the operators of this process, by device and id. */
export class Talks implements TalkKeeper {
  readonly #stage: RunStage;
  readonly #peers = new Map<string, OpenTalks>();
  #open = 0;
  #lastSweepMs = 0;

  constructor(stage: RunStage) {
    this.#stage = stage;
  }

  get recorder(): Recorder {
    return this.#stage.recorder;
  }

  get nowMs(): number {
    return this.#stage.nowMs;
  }

  /** The number of commands whose outcome is unknown after the plan's time; pending answers of devices do not count. */
  get openCount(): number {
    let open = this.#open;
    for (const { pending, talks } of this.#peers.values()) {
      open += pending;
      for (const talk of talks.values()) if (talk.isOurs === true && !talk.isOpen && !talk.isQuiet) open++;
    }
    return open;
  }

  /** Notes that a command is about to be sent. */
  expect(deviceId: string): void {
    this.#sweep();
    const peer = this.#peers.get(deviceId);
    if (peer === undefined) this.#peers.set(deviceId, { pending: 1, talks: new Map() });
    else peer.pending++;
  }

  /**
   * Notes that a device of this process has received a command. Returns its talk; undefined if this process has not
   * sent it.
   */
  received(deviceId: string, id: number): Talk | undefined {
    const talk = this.#talkOf(deviceId, id);
    talk?.received(this.nowMs);
    return talk;
  }

  /** Notes that the server has accepted a command that was due at `dueMs`. */
  accepted(event: TrafficEvent, dueMs: number, deviceId: string, reply: ReplyFrame): void {
    const id = isFrame(reply['command']) ? reply['command']['id'] : undefined;
    const talk = typeof id === 'number' ? this.#talkOf(deviceId, id) : undefined;
    if (talk !== undefined) {
      this.#open++;
      this.#stage.wheel.set(talk, this.nowMs + event.traffic.timeoutMs);
      talk.accepted(event, dueMs);
    }
    this.settled(deviceId);
  }

  /**
   * Notes that the run ended before the reply: the command counts as lost, unless its device has one that nobody else
   * claims.
   */
  unanswered(event: TrafficEvent, dueMs: number, deviceId: string): void {
    const talks = this.#peers.get(deviceId)?.talks.values() ?? [];
    const received = [...talks].find((talk) => talk.isOurs === undefined && talk.isReceived);
    if (received === undefined) this.#stage.recorder.commands.expect();
    else received.accepted(event, dueMs);
  }

  /** Counts a due command that could not be sent before the end. */
  unsent(): void {
    this.#stage.recorder.commands.omit();
  }

  /** Counts the commands that operators still wait for as unanswered, at the end of the run. */
  close(): void {
    if (this.#open > 0) this.recorder.count('unanswered', this.#open);
    this.#open = 0;
  }

  /**
   * Notes that an insert has its reply, or never will. Once none is pending, unclaimed commands came from elsewhere.
   */
  settled(deviceId: string): void {
    const peer = this.#peers.get(deviceId);
    if (peer === undefined || --peer.pending > 0) return;
    for (const talk of peer.talks.values()) {
      if (talk.isOurs !== undefined) continue;
      talk.foreign();
      peer.talks.delete(talk.id);
    }
    if (peer.talks.size === 0) this.#peers.delete(deviceId);
  }

  /** Receives a push of an update. */
  heard(push: PushFrame): void {
    const { command } = push;
    if (push.action !== 'command/update' || !isFrame(command)) return;
    const { deviceId, id } = command;
    if (typeof deviceId === 'string' && typeof id === 'number') this.#talkOf(deviceId, id)?.heard(push);
  }

  /** Notes that the operator no longer waits for a command. */
  closed(talk: Talk): void {
    this.#open--;
    this.#stage.wheel.cancel(talk);
  }

  linger(talk: Talk, forMs: number): void {
    this.#stage.wheel.set(talk, this.nowMs + forMs);
  }

  forget({ deviceId, id }: Talk): void {
    const peer = this.#peers.get(deviceId);
    peer?.talks.delete(id);
    if (peer?.talks.size === 0 && peer.pending === 0) this.#peers.delete(deviceId);
  }

  /**
   * Returns devices with incomplete commands, each with the time of the oldest by the server's clock: replays of
   * updates go by the time of the insert (PROTOCOL.md 5.6).
   */
  incomplete(): Map<string, number> {
    const since = new Map<string, number>();
    for (const [deviceId, { talks }] of this.#peers) {
      for (const talk of talks.values()) {
        if (talk.isOurs !== true || talk.isComplete) continue;
        const sinceMs = Math.max(this.#stage.serverMsOf(talk.createdMs) - slackMs, 0);
        since.set(deviceId, Math.min(sinceMs, since.get(deviceId) ?? Infinity));
      }
    }
    return since;
  }

  /** Returns the talk about a command; a new one only while the command may turn out to be ours. */
  #talkOf(deviceId: string, id: number): Talk | undefined {
    const peer = this.#peers.get(deviceId);
    if (peer === undefined) return undefined;
    let talk = peer.talks.get(id);
    if (talk === undefined && peer.pending > 0) {
      talk = new Talk(this, deviceId, id);
      peer.talks.set(id, talk);
    }
    return talk;
  }

  /** Forgets commands that DeviceHive has forgotten: their answers cannot come any more. */
  #sweep(): void {
    const { nowMs } = this;
    if (nowMs - this.#lastSweepMs < sweepMs) return;
    this.#lastSweepMs = nowMs;
    for (const { talks } of this.#peers.values()) {
      for (const talk of talks.values()) {
        if (nowMs - talk.createdMs > 2 * rememberedMs && !talk.isOpen) this.forget(talk);
      }
    }
  }
}
