import { listReader, Tries, type AskServer, type Link, type LinkListener, type Missed } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import type { Frame, PushFrame, ReplyFrame } from '../../../protocol/frames.ts';
import { Ask, type Post } from './post.ts';
import type { DeviceCredentials } from '../../plan/index.ts';
import type { RunStage } from '../stage.ts';
import { Alarm } from '../wheel.ts';

/** The first pause before a lost connection is tried again, in ms. */
const firstPauseMs = 200;

/** Keeps one socket open: after a loss it is reopened, with growing pauses, until the run ends. */
export abstract class Connector extends Alarm implements LinkListener {
  protected readonly stage: RunStage;
  link: Link | undefined;
  /** The number of connections so far; work begun on an earlier one is abandoned. */
  epoch = 0;
  /** When anything was last received. */
  heardMs = 0;
  /** The user to connect as; undefined for the user of the run. */
  credentials: DeviceCredentials | undefined;
  #isOpening = false;
  readonly #tries: Tries;
  /** The time until which the socket stays closed after a planned loss. */
  #awayUntilMs: number | undefined;
  #waiting: { resolve: () => void; reject: (failure: Failure) => void; retries: number } | undefined;

  constructor(stage: RunStage) {
    super();
    this.stage = stage;
    this.#tries = new Tries(firstPauseMs, stage.random);
  }

  /** Opens for the first time. Throws the `Failure` of the last of `retries` + 1 tries. */
  connect(retries: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, retries };
      this.open();
    });
  }

  open(): void {
    if (this.#isOpening || this.link !== undefined || this.stage.isClosing) return;
    this.#isOpening = true;
    this.stage.links.open(this, this.credentials);
  }

  onOpen(link: Link, { connectMs, authMs }: Parameters<LinkListener['onOpen']>[1]): void {
    this.#isOpening = false;
    if (this.stage.isClosing) return link.close();
    const { recorder, nowMs } = this.stage;
    this.link = link;
    this.heardMs = nowMs;
    this.#tries.opened(nowMs);
    if (++this.epoch > 1) recorder.count('reconnects');
    this.#waiting?.resolve();
    this.#waiting = undefined;
    this.opened(nowMs - connectMs - (authMs ?? 0));
  }

  onPush(push: PushFrame): void {
    this.heardMs = this.stage.nowMs;
    this.stage.recorder.count('received');
    this.pushed(push);
  }

  onClosed(failure: Failure): void {
    const { recorder, isClosing, nowMs } = this.stage;
    const wasOpen = this.link !== undefined;
    this.#isOpening = false;
    this.link = undefined;
    if (isClosing) return;
    this.#tries.lost(nowMs);
    const awayUntilMs = this.#awayUntilMs;
    if (wasOpen) {
      recorder.count('disconnects');
      if (awayUntilMs !== undefined) recorder.count('plannedDisconnects');
      this.lost(awayUntilMs !== undefined);
    }
    this.#awayUntilMs = undefined;
    if (awayUntilMs !== undefined) return this.stage.wheel.set(this, awayUntilMs);
    this.stage.tell(failure);
    if (this.#waiting !== undefined && this.#tries.count >= this.#waiting.retries) return this.#waiting.reject(failure);
    this.stage.wheel.set(this, nowMs + this.#tries.next());
  }

  ring(): void {
    this.open();
  }

  /** Drops the connection without a word, and stays away for this long; does nothing if it is lost already. */
  lose(forMs: number): void {
    if (this.link === undefined || this.#awayUntilMs !== undefined) return;
    this.#awayUntilMs = this.stage.nowMs + forMs;
    this.link.cut();
  }

  /** Sends a request; call it only while there is a link. */
  post(post: Post): void {
    const { recorder } = this.stage;
    recorder.count('sent');
    recorder.inFlight++;
    if (this.link !== undefined) this.link.post(post);
    else post.onFailure(new Failure('connect', `${post.action}: there is no connection`), false);
  }

  /** Sends a request and waits for its success reply. Throws a `Failure`. */
  ask(action: string, fields: Frame): Promise<ReplyFrame> {
    const ask = new Ask(this.stage, action, fields);
    this.post(ask);
    return ask.promise;
  }

  /**
   * Reads the messages that a subscription has missed. Counts those that the server no longer has as an error. Throws a
   * `Failure` if asking again may help.
   */
  async hearMissed(missed: Missed, hear: (command: Frame) => void): Promise<void> {
    const ask: AskServer = (action, payload) => this.ask(action, payload);
    const { missedMessages } = await listReader();
    try {
      for await (const commands of missedMessages(ask, missed)) for (const command of commands) hear(command);
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'partial') throw error;
      this.stage.tell(error);
    }
  }

  close(): void {
    this.stage.wheel.cancel(this);
    this.link?.close();
    this.link = undefined;
  }

  /** Called when connected and authenticated; `sinceMs` is when that began. */
  protected abstract opened(sinceMs: number): void;

  protected abstract pushed(push: PushFrame): void;

  /** Called when the connection is lost, planned or not, after all pending requests have failed. */
  protected abstract lost(isPlanned: boolean): void;
}
