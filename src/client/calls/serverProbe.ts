import type { Failure, ServerState } from '../../errors.ts';
import { isAsync } from '../../protocol/asyncActions.ts';
import type { Frame } from '../../protocol/frames.ts';
import type { Call } from './call.ts';
import { nowMs } from '../clock.ts';
import type { ClientSettings } from '../settings.ts';

/** The action that the frontend answers by itself, whoever asks. */
export const frontendQuestion = 'server/info';
/** Each is answered over the message bus, and weighs little; which of them a token may ask differs. */
export const backendQuestions = ['device/count', 'network/count', 'devicetype/count', 'user/count'] as const;

/** The part of a server that still answers, as far as known. */
export type Liveness = ServerState | 'frontend answers' | 'answers';

/** How long the backend may take to count before it counts as silent, in ms. */
export function patienceOf({ probeAfterMs }: Pick<ClientSettings, 'probeAfterMs'>): number {
  return probeAfterMs / 2;
}

/** Sends a question. */
export interface Asking {
  probe(action: string, payload: Frame): Call;
}

interface Question {
  readonly call: Call;
  isAnswered: boolean;
  isOver: boolean;
}

/**
 * Finds out what of a server still answers when requests meet silence: its frontend by itself, and its backend over the
 * message bus.
 */
export class ServerProbe {
  readonly #patienceMs: number;
  #frontend: Question | undefined;
  /** Absent where no question could be asked: the token permits none. */
  #backend: Question | undefined;
  /** The state before both were asked again. */
  #before: Liveness | undefined;

  /** Silence of the backend proves something after `patienceMs`. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Asks both, unless they are being asked, or were after this call was sent. */
  ask(call: Call, session: Asking): void {
    const known = this.#frontend;
    const isAsking = known?.isOver === false || this.#backend?.isOver === false;
    if (isAsking || (known !== undefined && known.call.sentAtMs >= call.sentAtMs)) return;
    this.#before = this.liveness;
    this.#frontend = this.#put(session, frontendQuestion);
    this.#askBackend(session, backendQuestions);
  }

  /** A success reply came, to whatever request. */
  heard(action: string): void {
    if (this.#backend?.isAnswered !== false || !isAsync(action)) return;
    this.#backend.isAnswered = true;
    this.#before = undefined;
  }

  /** The present state; undefined if nothing was asked, or the connection ended meanwhile. */
  get liveness(): Liveness | undefined {
    const isPatient = this.waitedMs < this.#patienceMs;
    if (this.#frontend?.isAnswered !== true) {
      return this.#frontend === undefined || isPatient ? this.#before : 'frontend silent';
    }
    if (this.#backend?.isAnswered === true) return 'answers';
    if (this.#backend === undefined) return 'frontend answers';
    return isPatient ? (this.#before ?? 'frontend answers') : 'backend silent';
  }

  /** How long ago the last questions were asked. */
  get waitedMs(): number {
    return nowMs() - (this.#backend?.call.sentAtMs ?? this.#frontend?.call.sentAtMs ?? nowMs());
  }

  /** The first of these that the token permits. */
  #askBackend(session: Asking, [action, ...others]: readonly string[]): void {
    this.#backend =
      action === undefined ? undefined : this.#put(session, action, () => this.#askBackend(session, others));
  }

  #put(session: Asking, action: string, onRefused?: () => void): Question {
    const question: Question = { call: session.probe(action, {}), isAnswered: false, isOver: false };
    question.call.promise.then(
      () => this.#ended(question, undefined, onRefused),
      (failure: unknown) => this.#ended(question, failure as Failure, onRefused),
    );
    return question;
  }

  /** A refusal is an answer of the frontend; where the connection ended, its silence proves nothing. */
  #ended(question: Question, failure: Failure | undefined, onRefused: (() => void) | undefined): void {
    const isRefusal = failure?.reply !== undefined;
    question.isAnswered ||= failure === undefined || isRefusal;
    question.isOver = true;
    if (question !== this.#frontend && question !== this.#backend) return;
    if (isRefusal) onRefused?.();
    else if (failure !== undefined && failure.kind !== 'timeout') this.#forget();
  }

  #forget(): void {
    this.#frontend = undefined;
    this.#backend = undefined;
    this.#before = undefined;
  }
}
