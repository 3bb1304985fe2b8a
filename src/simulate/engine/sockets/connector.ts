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
  /** The number of connections so far; work begun on an earlier one is dropped. */
  epoch = 0;
  /** When anything was received last. */
  heardMs = 0;
  /** Whom it connects as; undefined for the user of the run. */
  credentials: DeviceCredentials | undefined;
  #isOpening = false;
  readonly #tries: Tries;
  /** Until when the socket stays closed after a planned loss. */
  #awayUntilMs: number | undefined;
  #waiting: { resolve: () => void; reject: (failure: Failure) => void; retries: number } | undefined;

  constructor(stage: RunStage) {
    super();
    this.stage = stage;
    this.#tries = new Tries(firstPauseMs, stage.random);
  }

  /** Opens for the first time; throws the `Failure` of the last of `retries` + 1 tries. */
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

  /** Loses the connection without a word, and keeps away for so long; one that is lost already is not lost again. */
  lose(forMs: number): void {
    if (this.link === undefined || this.#awayUntilMs !== undefined) return;
    this.#awayUntilMs = this.stage.nowMs + forMs;
    this.link.cut();
  }

  /** Sends a request; there must be a link. */
  post(post: Post): void {
    const { recorder } = this.stage;
    recorder.count('sent');
    recorder.inFlight++;
    if (this.link !== undefined) this.link.post(post);
    else post.onFailure(new Failure('connect', `${post.action}: there is no connection`), false);
  }

  /** Sends a request and waits for its success reply; throws a `Failure`. */
  ask(action: string, fields: Frame): Promise<ReplyFrame> {
    const ask = new Ask(this.stage, action, fields);
    this.post(ask);
    return ask.promise;
  }

  /**
   * Reads the messages that a subscription has missed. Counts as an error what the server no longer has; throws a
   * `Failure` where asking again may help.
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

  /** Connected and authenticated; `sinceMs` is when that began. */
  protected abstract opened(sinceMs: number): void;

  protected abstract pushed(push: PushFrame): void;

  /** The connection is gone, because the plan wanted it or for another reason, and what was pending has failed. */
  protected abstract lost(isPlanned: boolean): void;
}
