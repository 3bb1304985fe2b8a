import type { Posting } from '../../../client/index.ts';
import type { Failure } from '../../../errors.ts';
import type { Frame, ReplyFrame } from '../../../protocol/frames.ts';
import { saidBy } from '../../measure/errorTable.ts';
import type { RunStage } from '../stage.ts';

/** Sends requests over a connection that may be lost and reopened. */
export interface Sender {
  /** Sends a request now, or as soon as it can. */
  send(post: PatientPost): void;
  /** Keeps a request whose connection was lost before its reply, to send it again. */
  keep(post: PatientPost, wasSent: boolean): void;
}

/** A request on its way, counted while it is. */
export abstract class Post implements Posting {
  abstract readonly action: string;
  readonly text: string;
  protected readonly stage: RunStage;
  /** True if a server may have seen it. */
  protected wasSent = false;

  constructor(stage: RunStage, text: string) {
    this.stage = stage;
    this.text = text;
  }

  /** The request's fields, parsed only if something went wrong. */
  get payload(): Frame {
    return JSON.parse(this.text) as Frame;
  }

  onReply(reply: ReplyFrame): void {
    const { recorder } = this.stage;
    recorder.inFlight--;
    recorder.count('received');
    this.answered(reply);
  }

  onFailure(error: unknown, wasSent: boolean): void {
    this.stage.recorder.inFlight--;
    this.wasSent ||= wasSent;
    this.failed(error as Failure, wasSent);
  }

  /** Called on the success reply. */
  protected abstract answered(reply: ReplyFrame): void;

  /** Called if it was refused, or its connection is lost. */
  protected abstract failed(failure: Failure, wasSent: boolean): void;
}

/**
 * A request that goes on waiting after its time limit: the server may be slow, and a late reply still counts.
 */
export abstract class PatientPost extends Post {
  readonly #deviceId: string;
  #isLate = false;

  constructor(stage: RunStage, text: string, deviceId: string) {
    super(stage, text);
    this.#deviceId = deviceId;
  }

  onLate(error: unknown): void {
    this.#isLate = true;
    this.tell(error as Failure);
  }

  /** Called when the run ends before its reply, or before it could be sent. */
  ended(): void {
    if (this.wasSent) return this.unanswered();
    this.stage.recorder.fail('late', null, unsentText(this.action));
    this.unsent();
  }

  /** Called for a request that will never be sent. */
  protected abstract unsent(): void;

  /** Counts a request that was never answered; one reported as late is counted already. */
  protected unanswered(): void {
    const { recorder } = this.stage;
    const text = `${this.action}: not answered before the end`;
    if (this.#isLate) recorder.tell('late', null, text);
    else recorder.fail('late', null, text);
  }

  /** Adds a failure to the table of errors, without the device id: many devices meet the same one. */
  protected tell(failure: Failure): void {
    const { kind, code } = failure;
    if (kind === 'connect' && this.stage.isClosing) this.ended();
    else this.stage.recorder.fail(kind, code, withoutId(saidBy(failure), this.#deviceId));
  }
}

/** Returns the error text for requests that were due but could not be sent before the end. */
export function unsentText(action: string): string {
  return `${action}: due, but not sent before the end`;
}

/** Removes a device id from a text, but only as a whole word: ids hold letters, digits and dashes. */
function withoutId(text: string, deviceId: string): string {
  return text.replace(/[a-zA-Z0-9-]+/g, (word) => (word === deviceId ? '…' : word));
}

/** A request that somebody awaits. */
export class Ask extends Post {
  readonly action: string;
  readonly promise: Promise<ReplyFrame>;
  #resolve!: (reply: ReplyFrame) => void;
  #reject!: (failure: Failure) => void;

  constructor(stage: RunStage, action: string, fields: Frame) {
    super(stage, JSON.stringify({ action, ...fields }));
    this.action = action;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  protected answered(reply: ReplyFrame): void {
    this.#resolve(reply);
  }

  protected failed(failure: Failure): void {
    this.#reject(failure);
  }
}
