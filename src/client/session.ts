import type { Failure } from '../errors.ts';
import { classify, type Frame, type PushFrame, type ReplyFrame } from '../protocol/frames.ts';
import { largeProblem, maxMessageBytes } from '../protocol/limits.ts';
import { redactText } from '../protocol/redact.ts';
import { Call } from './call.ts';
import { nowMs } from './clock.ts';
import type { Closed, Exchange, TraceEvent } from './contract.ts';
import { Deadlines } from './deadlines.ts';
import { Diagnosis, type Questioned } from './diagnosis.ts';
import { closedHere, idInUse, interrupted, lost, noReply, refusal, subscriptionLost, tooLarge } from './failures.ts';
import { Inbox } from './inbox.ts';
import { Noise } from './noise.ts';
import { RequestTable } from './requestTable.ts';
import type { Settings } from './settings.ts';
import { openSocket, type Socket, type SocketListener } from './socket.ts';

/** How a client ends a session that it is done with. */
const goodbye: Closed = { code: 1000, reason: '' };

/** One socket and what is pending on it: requests, subscriptions, and the search for the reason of silence. */
export class Session implements SocketListener, Questioned {
  readonly inbox: Inbox;
  readonly closed: Promise<Closed>;
  /** Counts authentications: a request that was refused under an earlier one deserves another try. */
  authentication = 0;
  readonly #settings: Settings;
  readonly #table = new RequestTable();
  readonly #deadlines = new Deadlines((call) => this.#due(call));
  readonly #diagnosis = new Diagnosis(this);
  readonly #noise = new Noise();
  #socket: Socket | undefined;
  #end: 'closed' | Closed | undefined;
  #isRetired = false;
  #resolveClosed!: (closed: Closed) => void;

  private constructor(settings: Settings) {
    this.#settings = settings;
    this.inbox = new Inbox(settings.maxQueuedPushes);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  /** Opens a socket. Throws a `Failure`: `connect`, `usage` or `interrupted`. */
  static async open(settings: Settings): Promise<Session> {
    const session = new Session(settings);
    session.#socket = await openSocket(settings, session);
    session.#trace({ kind: 'opened' });
    settings.signal?.addEventListener('abort', session.#interrupt, { once: true });
    return session;
  }

  /** No more frames come or go. */
  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Sends a request; the call settles when its reply, silence, the end or a signal comes. */
  send(call: Call): void {
    if (call.isOver) return;
    if (this.#end !== undefined) return call.fail(this.#ended(call, this.#end));
    call.session = this;
    call.isQuiet = false;
    if (!this.#table.add(call)) return call.reject(idInUse(call));
    const text = textOf(call);
    const problem = this.#sizeProblem(call, text);
    if (problem !== undefined) {
      this.#table.delete(call);
      return call.reject(tooLarge(call, problem));
    }
    call.sentAtMs = nowMs();
    call.noiseBefore = this.#noise.count;
    call.authentication = this.authentication;
    if (call.subscribes) this.inbox.expect();
    this.#deadlines.add(call, this.#firstWaitMs(call), call.sentAtMs);
    this.#trace({ kind: 'sent', text });
    this.#socket?.send(text);
  }

  /** Sends a request of the client's own, which nobody repeats. Throws as `Connection.request` does. */
  ask(action: string, payload: Frame): Promise<Exchange> {
    const call = new Call(action, payload, this.#settings.timeoutMs);
    this.send(call);
    return call.promise;
  }

  probe(action: string, payload: Frame): Call {
    const call = new Call(action, payload, this.#settings.timeoutMs);
    call.probes = true;
    this.send(call);
    return call;
  }

  isPending(call: Call): boolean {
    return this.#table.has(call);
  }

  conclude(call: Call, failure: Failure): void {
    if (this.forget(call)) call.fail(failure);
  }

  /** Waits for a call no longer; whether it was pending here. */
  forget(call: Call): boolean {
    const wasPending = this.#table.delete(call);
    if (wasPending) this.#release(call);
    return wasPending;
  }

  /** Ends a subscription on this side. */
  drop(subscriptionId: number): void {
    this.inbox.close(subscriptionId);
    this.#closeWhenIdle();
  }

  /** Closes as soon as nothing is pending any more: another session takes the new requests. */
  retire(): void {
    this.#isRetired = true;
    this.#closeWhenIdle();
  }

  /** Sends a close frame and drops the socket. */
  end(): void {
    if (this.#end !== undefined) return;
    this.#socket?.end();
    this.#over('closed', goodbye);
  }

  onText(text: string): void {
    if (this.#end !== undefined) return;
    this.#trace({ kind: 'received', text });
    const received = classify(text);
    if (received.kind === 'reply') this.#reply(received.frame, text);
    else if (received.kind === 'push') this.#push(received.frame, text);
    else this.#noise.add(received.reason, text);
  }

  onBinary(byteLength: number): void {
    if (this.#end === undefined) this.#noise.add(`a binary frame of ${byteLength} bytes`);
  }

  onClosed(closed: Closed): void {
    if (this.#end === undefined) this.#over(closed, closed);
  }

  #reply(frame: ReplyFrame, text: string): void {
    const call = this.#table.take(frame.requestId);
    if (call === undefined) {
      return this.#noise.add(
        frame.requestId === undefined ? 'a reply without requestId' : 'a reply to no pending request',
        text,
      );
    }
    const isSuccess = frame.status === 'success';
    const subscriptionId = frame['subscriptionId'];
    if (isSuccess && call.subscribes && typeof subscriptionId === 'number') this.inbox.open(subscriptionId);
    this.#release(call);
    if (isSuccess) call.succeed(frame, text);
    else call.fail(refusal(call, frame, this.#settings.peer));
  }

  #push(frame: PushFrame, text: string): void {
    if (!this.inbox.take(frame)) this.#noise.add('a push of no open subscription', text);
  }

  /** Silence is noticed after a while, and ends the call after its time. */
  #due(call: Call): void {
    const waitedMs = this.#firstWaitMs(call);
    if (!call.isQuiet && waitedMs < call.timeoutMs) {
      call.isQuiet = true;
      this.#deadlines.add(call, call.timeoutMs - waitedMs, call.dueMs);
      this.#diagnosis.quiet(call);
      return;
    }
    const learnt = [
      ...this.#diagnosis.learnt(call),
      call.subscribes ? this.inbox.unannounced : '',
      this.#noise.since(call.noiseBefore),
    ];
    this.conclude(call, noReply(call, this.#settings.peer, learnt));
  }

  #firstWaitMs(call: Call): number {
    return this.#settings.probe === false ? call.timeoutMs : Math.min(this.#settings.probeAfterMs, call.timeoutMs);
  }

  /** A UTF-16 unit takes three bytes at most, so short texts need no measuring. */
  #sizeProblem(call: Call, text: string): string | undefined {
    if (text.length * 3 <= maxMessageBytes || this.#settings.allowLarge === true) return undefined;
    return largeProblem(call.action, call.payload);
  }

  #release(call: Call): void {
    this.#deadlines.delete(call);
    if (call.subscribes) this.inbox.settle();
    if (this.#isRetired) this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    if (this.#isRetired && this.#table.size === 0 && !this.inbox.isInUse) this.end();
  }

  #over(end: 'closed' | Closed, closed: Closed): void {
    this.#end = end;
    this.#settings.signal?.removeEventListener('abort', this.#interrupt);
    this.#deadlines.clear();
    this.inbox.end(end === 'closed' ? 'finished' : subscriptionLost(this.#settings.peer, end));
    for (const call of this.#table.takeAll()) call.fail(this.#ended(call, end));
    this.#trace({ kind: 'closed', ...closed });
    this.#resolveClosed(closed);
  }

  #ended(call: Call, end: 'closed' | Closed): Failure {
    return end === 'closed' ? closedHere(call, this.#settings.peer) : lost(call, this.#settings.peer, end);
  }

  /** Everything that is pending ends; the socket stays, so that the caller can clean up. */
  readonly #interrupt = (): void => {
    this.inbox.end(interrupted('reading the pushes'));
    for (const call of this.#table.takeAll()) {
      this.#release(call);
      call.reject(interrupted(call.action));
    }
  };

  #trace(event: Omit<TraceEvent, 'atMs' | 'url'>): void {
    const { trace, url } = this.#settings;
    if (trace === undefined) return;
    const atMs = performance.timeOrigin + performance.now();
    trace({ atMs, url, ...event, ...(event.text === undefined ? {} : { text: redactText(event.text) }) });
  }
}

/** A posted text is sent as it stands; it only gets the request id that it lacks. */
function textOf(call: Call): string {
  if (call.posting === undefined) return JSON.stringify(call.frame);
  const { text } = call.posting;
  return call.wantedId === undefined ? `{"requestId":${String(call.requestId)},${text.slice(1)}` : text;
}
