import type { Failure } from '../errors.ts';
import type { Frame, RequestFrame } from '../protocol/frames.ts';
import type { Exchange, RequestOptions } from './contract.ts';
import type { Session } from './session.ts';

/** Decides what becomes of a call that failed: another try, or `call.reject`. */
export type Recover = (call: Call, failure: Failure) => void;

/** A request on its way, over one session or, when it is repeated, over several. The connection and its parts share it; it promises one exchange. */
export class Call {
  readonly action: string;
  readonly payload: Frame;
  readonly timeoutMs: number;
  /** The caller's own request id; undefined: numbered by the session. */
  readonly wantedId: unknown;
  readonly promise: Promise<Exchange>;
  readonly #recover: Recover | undefined;
  #resolve!: (exchange: Exchange) => void;
  #reject!: (error: unknown) => void;
  #stopWatching: (() => void) | undefined;

  isOver = false;
  /** Its success reply makes a subscription, which takes pushes from that moment on. */
  subscribes = false;
  /** It is a question about another's silence. */
  probes = false;
  repeats = 0;
  /** It was sent again after a refresh of the token; once is enough. */
  wasRenewed = false;

  session: Session | undefined;
  frame: RequestFrame | undefined;
  /** By the monotonic clock. */
  sentAtMs = 0;
  dueMs = 0;
  lane: Set<Call> | undefined;
  /** Silence has been noticed. */
  isQuiet = false;
  /** What was received before it was sent is not about it. */
  noiseBefore = 0;
  /** Which authentication of the session it was sent under. */
  authentication = 0;

  constructor(action: string, payload: Frame, timeoutMs: number, wantedId?: unknown, recover?: Recover) {
    this.action = action;
    this.payload = payload;
    this.timeoutMs = timeoutMs;
    this.wantedId = wantedId;
    this.#recover = recover;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
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

  resolve(exchange: Exchange): void {
    this.#end();
    this.#resolve(exchange);
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
    this.#reject(error);
  }

  #end(): void {
    this.isOver = true;
    this.#stopWatching?.();
  }
}
