import type { Failure } from '../../errors.ts';
import type { Frame, ReplyFrame, RequestFrame } from '../../protocol/frames.ts';
import { nowMs } from '../clock.ts';
import type { Exchange, Posting, RequestOptions } from '../contract.ts';
import type { DeadlineLane, Deadline } from '../deadlines.ts';

/** The services of a session for the calls that it has sent. */
export interface CallSession {
  /** False if the text with this number was not given to the network and never will be. */
  maySend(textNumber: number): boolean;
  /** Waits for a call no longer; whether it was pending. */
  forget(call: Call): boolean;
  /** The time that a call was to wait is over. */
  due(call: Call): void;
}

/** Decides what becomes of a call that failed: another try, or `call.reject`. */
export type Recover = (call: Call, failure: Failure) => void;

/** The parts of a call besides its action; a posted one has no payload. */
export interface CallOptions {
  readonly payload?: Frame;
  readonly wantedId?: unknown;
  readonly recover?: Recover;
  readonly posting?: Posting;
}

/**
 * A request on its way, over one session or, when it is repeated, over several. The connection and its parts share it;
 * it promises one exchange, or tells it to whoever posted it.
 */
export class Call implements Deadline {
  readonly action: string;
  readonly #payload: Frame | undefined;
  readonly timeoutMs: number;
  /** The caller's own request id; undefined: numbered by the session. */
  readonly wantedId: unknown;
  /** The text and listener of a posted call; such a call makes no promise. */
  readonly posting: Posting | undefined;
  readonly #recover: Recover | undefined;
  #promise: Promise<Exchange> | undefined;
  #resolve: ((exchange: Exchange) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #stopWatching: (() => void) | undefined;

  isOver = false;
  /** Its success reply makes a subscription, which takes pushes from that moment on. */
  subscribes = false;
  /** It is a question about another's silence. */
  probes = false;
  repeats = 0;
  /** It was sent again after a refresh of the token; once is enough. */
  wasRenewed = false;

  session: CallSession | undefined;
  /** The number of its text in its session; undefined before it is given to the socket. */
  textNumber: number | undefined = undefined;
  /** An earlier session may have sent it. */
  #wasSentBefore = false;
  /** Undefined before it was first sent. */
  requestId: unknown = undefined;
  /** By the monotonic clock. */
  sentAtMs = 0;
  dueMs = 0;
  /** How much of its time is over when it is due. */
  waitedMs = 0;
  /** Where it waits to be due, and its neighbours there. */
  lane: DeadlineLane | undefined;
  before: Deadline | undefined;
  after: Deadline | undefined;
  /** Silence has been noticed. */
  isQuiet = false;
  /** How much noise came before it was sent: that noise cannot be about it. */
  noiseBefore = 0;
  /** How many replies the sessions of its fleet had before it was sent. */
  repliesBefore = 0;
  /** The authentication of the session under which it was sent. */
  authentication = 0;

  constructor(action: string, timeoutMs: number, { payload, wantedId, recover, posting }: CallOptions) {
    this.action = action;
    this.#payload = payload;
    this.timeoutMs = timeoutMs;
    this.wantedId = wantedId;
    this.#recover = recover;
    this.posting = posting;
    if (posting !== undefined) return;
    this.#promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** The request's fields; those of a posted call only its poster keeps. */
  get payload(): Frame {
    return this.#payload ?? this.posting?.payload ?? {};
  }

  get promise(): Promise<Exchange> {
    if (this.#promise === undefined) throw new Error(`the posted ${this.action} promises nothing`);
    return this.#promise;
  }

  /** The frame as it is sent; undefined before it was first sent. */
  get frame(): RequestFrame | undefined {
    const { action, requestId } = this;
    return requestId === undefined
      ? undefined
      : Object.assign({ action, requestId }, this.payload, { action, requestId });
  }

  /** False where no server can have carried the request out. */
  get wasSent(): boolean {
    const { session, textNumber } = this;
    return this.#wasSentBefore || (textNumber !== undefined && session?.maySend(textNumber) === true);
  }

  /** From here on another session has it. */
  enter(session: CallSession): void {
    this.#wasSentBefore = this.wasSent;
    this.session = session;
    this.textNumber = undefined;
  }

  due(): void {
    this.session?.due(this);
  }

  /** Lets a signal end the call, wherever it is. */
  watch(signal: NonNullable<RequestOptions['signal']>, interrupted: () => Failure): void {
    const stop = () => {
      this.session?.forget(this);
      this.reject(interrupted());
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    this.#stopWatching = () => signal.removeEventListener('abort', stop);
  }

  /** Succeeds with this reply, which came as `text`. */
  succeed(reply: ReplyFrame, text: string): void {
    this.#end();
    if (this.posting !== undefined) return this.posting.onReply(reply, text);
    const { frame: request } = this;
    if (request !== undefined) this.#resolve?.({ request, reply, text, replyMs: nowMs() - this.sentAtMs });
  }

  /** Fails, unless somebody knows how to recover. */
  fail(failure: Failure): void {
    if (this.isOver) return;
    if (this.#recover === undefined) this.reject(failure);
    else this.#recover(this, failure);
  }

  /** Fails for good. */
  reject(error: unknown): void {
    this.#end();
    if (this.posting === undefined) this.#reject?.(error);
    else this.posting.onFailure(error, this.wasSent);
  }

  #end(): void {
    this.isOver = true;
    this.#stopWatching?.();
  }
}
