import type { Failure } from '../errors.ts';
import { classify, type Frame, type PushFrame, type ReplyFrame } from '../protocol/frames.ts';
import { Call } from './calls/call.ts';
import { nowMs } from './clock.ts';
import type { Closed, Exchange } from './contract.ts';
import { Deadlines } from './deadlines.ts';
import { Diagnosis, type Questioned } from './calls/diagnosis.ts';
import type { FleetCommon } from './fleetCommon.ts';
import { closedHere, idInUse, lost, noReply, refusal, subscriptionLost, tooLarge } from './calls/failures.ts';
import { Inbox, type Hearer } from './calls/inbox.ts';
import { Noise } from './wire/noise.ts';
import { sizeProblem, callText } from './calls/requestText.ts';
import { RequestTable } from './calls/requestTable.ts';
import { aboutFleet, type Learnt } from './calls/learnt.ts';
import { patienceOf, ServerProbe } from './calls/serverProbe.ts';
import type { ClientSettings } from './settings.ts';
import { goodbye, openSocket, type Socket, type SocketListener } from './wire/socket.ts';
import { interrupted } from './wire/connectFailure.ts';
import { traceStep } from './wire/wireTrace.ts';

/**
 * One socket and what is pending on it: requests, subscriptions, and the search for the reason of silence. What is
 * seldom needed is made when it is.
 */
export class ClientSession implements SocketListener, Questioned {
  /**
   * The number of the user's token that it was last authenticated with, 0 before that: a request refused under an
   * earlier one deserves another try.
   */
  authentication = 0;
  /** The token that it acts by, whoever has sent it; undefined for an anonymous one. */
  accessToken: string | undefined;
  readonly #settings: ClientSettings;
  readonly #common: FleetCommon | undefined;
  readonly #table: RequestTable;
  readonly #deadlines: Deadlines;
  readonly #server: ServerProbe;
  #hearer: Hearer | undefined;
  #inbox: Inbox | undefined;
  #diagnosis: Diagnosis | undefined;
  #noise: Noise | undefined;
  #socket: Socket | undefined;
  #end: 'closed' | Closed | undefined;
  #isRetired = false;
  #interrupt: (() => void) | undefined;

  private constructor(settings: ClientSettings, common?: FleetCommon) {
    this.#settings = settings;
    this.#common = common;
    this.#table = new RequestTable(settings.firstRequestId);
    this.#deadlines = common?.deadlines ?? new Deadlines();
    this.#noise = common?.noise;
    this.#server = common?.server ?? new ServerProbe(patienceOf(settings));
  }

  /** Opens a socket. Throws a `Failure`: `connect`, `usage` or `interrupted`. */
  static async open(settings: ClientSettings, common?: FleetCommon): Promise<ClientSession> {
    const session = new ClientSession(settings, common);
    session.#socket = await openSocket(settings, session);
    traceStep(settings, session.#socket, { kind: 'opened' });
    if (settings.signal !== undefined) {
      session.#interrupt = () => session.#interrupted();
      settings.signal.addEventListener('abort', session.#interrupt, { once: true });
    }
    return session;
  }

  get inbox(): Inbox {
    return (this.#inbox ??= new Inbox(this.#settings.maxQueuedPushes));
  }

  /** Bytes that the network has not taken yet. */
  get waitingBytes(): number {
    return this.#socket?.waitingBytes ?? 0;
  }

  /** No more frames come or go. */
  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Whether the server may have seen the text with this number. */
  maySend(textNumber: number): boolean {
    return this.#socket?.maySend(textNumber) === true;
  }

  /** Tells somebody from now on; of its end at once, where it is over. */
  tell(hearer: Hearer): void {
    this.#hearer = hearer;
    if (this.#end !== undefined) hearer.onOver(this.#end === 'closed' ? goodbye : this.#end);
  }

  /** Sends a request; the call settles when its reply, silence, the end or a signal comes. */
  send(call: Call): void {
    if (call.isOver) return;
    if (this.#end !== undefined) return call.fail(this.#ended(call, this.#end));
    call.enter(this);
    call.isQuiet = false;
    if (!this.#table.add(call)) return call.reject(idInUse(call));
    const text = callText(call, this.#settings.secrets);
    const problem = this.#settings.allowLarge === true ? undefined : sizeProblem(call, text);
    if (problem !== undefined) {
      this.#table.delete(call);
      return call.reject(tooLarge(call, problem));
    }
    call.sentAtMs = nowMs();
    call.noiseBefore = this.#noise?.count ?? 0;
    if (this.#common !== undefined) call.repliesBefore = this.#common.replies;
    call.authentication = this.authentication;
    if (call.subscribes) this.inbox.expect();
    call.waitedMs = Math.min(this.#settings.probeAfterMs, call.timeoutMs);
    this.#deadlines.add(call, call.waitedMs, call.sentAtMs);
    traceStep(this.#settings, this.#socket, { kind: 'sent', text });
    call.textNumber = this.#socket?.send(text);
  }

  /** Sends a request of the client's own, which nobody repeats. Throws as `Connection.request` does. */
  ask(action: string, payload: Frame): Promise<Exchange> {
    const call = new Call(action, this.#settings.timeoutMs, { payload });
    this.send(call);
    return call.promise;
  }

  probe(action: string, payload: Frame): Call {
    const call = new Call(action, this.#settings.timeoutMs, { payload });
    call.probes = true;
    this.#common?.asked(call);
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

  /** Loses the connection, as a device does that loses its network. */
  cut(): void {
    this.#socket?.drop();
  }

  /** Sends a close frame and drops the socket. */
  end(): void {
    if (this.#end !== undefined) return;
    this.#socket?.end();
    this.#over('closed', goodbye);
  }

  onText(text: string): void {
    if (this.#end !== undefined) return;
    traceStep(this.#settings, this.#socket, { kind: 'received', text });
    const received = classify(text);
    if (received.kind === 'reply') this.#reply(received.frame, text);
    else if (received.kind === 'push') this.#push(received.frame, text);
    else this.#heard(received.reason, text);
  }

  onBinary(byteLength: number): void {
    if (this.#end === undefined) this.#heard(`a binary frame of ${byteLength} bytes`);
  }

  onClosed(closed: Closed): void {
    if (this.#end === undefined) this.#over(closed, closed);
  }

  #reply(frame: ReplyFrame, text: string): void {
    const call = this.#table.take(frame.requestId);
    if (call === undefined) {
      const what = frame.requestId === undefined ? 'a reply without requestId' : 'a reply to no pending request';
      return this.#heard(what, text);
    }
    const isSuccess = frame.status === 'success';
    const subscriptionId = frame['subscriptionId'];
    if (isSuccess && call.subscribes && typeof subscriptionId === 'number') this.inbox.open(subscriptionId);
    this.#release(call);
    if (this.#common !== undefined && !call.probes) this.#common.replies++;
    if (isSuccess) this.#heardSuccess(call);
    if (isSuccess) call.succeed(frame, text);
    else call.fail(refusal(call, frame, this.#settings));
  }

  #heardSuccess(call: Call): void {
    this.#server.heard(call.action);
    // only here: the fields of a posted request are parsed from its text
    const token = call.action === 'authenticate' ? call.payload['token'] : undefined;
    if (typeof token === 'string') this.accessToken = token;
  }

  #push(frame: PushFrame, text: string): void {
    if (this.#hearer?.onPush !== undefined) this.#hearer.onPush(frame);
    else if (!this.inbox.take(frame)) this.#heard('a push of no open subscription', text);
  }

  /** Nobody asked for it. */
  #heard(reason: string, text?: string): void {
    (this.#noise ??= new Noise()).add(reason, text, this.#settings.secrets);
  }

  /** Silence is noticed after a while, and ends the call after its time; whoever is patient is only told. */
  due(call: Call): void {
    if (!call.isQuiet && call.waitedMs < call.timeoutMs) {
      call.isQuiet = this.#common?.mayProbe(call) !== false;
      const leftMs = call.timeoutMs - call.waitedMs;
      const waitMs = call.isQuiet ? leftMs : Math.min(leftMs, this.#settings.probeAfterMs);
      call.waitedMs += waitMs;
      this.#deadlines.add(call, waitMs, call.dueMs);
      this.#quiet(call);
      return;
    }
    const failure = noReply(call, this.#settings, this.#learnt(call));
    if (call.posting?.onLate === undefined) this.conclude(call, failure);
    else call.posting.onLate(failure);
  }

  /**
   * In a fleet only a few ask for the reason of their own silence; whether the server answers at all concerns
   * everybody.
   */
  #quiet(call: Call): void {
    if (call.isQuiet) (this.#diagnosis ??= new Diagnosis(this, this.#server)).quiet(call);
    else this.#server.ask(call, this);
  }

  #learnt(call: Call): Learnt {
    const own = call.isQuiet ? this.#diagnosis?.learnt(call) : undefined;
    const { sentences, ...rest } = own ?? aboutFleet(this.#server);
    const others = [call.subscribes ? this.inbox.unannounced : '', this.#noise?.since(call.noiseBefore) ?? ''];
    return { ...rest, sentences: [...sentences, ...others] };
  }

  #release(call: Call): void {
    this.#deadlines.delete(call);
    if (call.subscribes) this.inbox.settle();
    if (this.#isRetired) this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    if (this.#isRetired && this.#table.size === 0 && this.#inbox?.isInUse !== true) this.end();
  }

  #over(end: 'closed' | Closed, closed: Closed): void {
    this.#end = end;
    if (this.#interrupt !== undefined) this.#settings.signal?.removeEventListener('abort', this.#interrupt);
    this.#inbox?.end(end === 'closed' ? 'finished' : subscriptionLost(this.#settings, end));
    for (const call of this.#table.takeAll()) {
      this.#deadlines.delete(call);
      call.fail(this.#ended(call, end));
    }
    if (this.#common === undefined) this.#deadlines.clear();
    traceStep(this.#settings, this.#socket, { kind: 'closed', ...closed });
    this.#hearer?.onOver(closed);
  }

  #ended(call: Call, end: 'closed' | Closed): Failure {
    return end === 'closed' ? closedHere(call, this.#settings) : lost(call, this.#settings, end);
  }

  /** Everything that is pending ends; the socket stays, so that the caller can clean up. */
  #interrupted(): void {
    this.#inbox?.end(interrupted('reading the pushes'));
    for (const call of this.#table.takeAll()) {
      this.#release(call);
      call.reject(interrupted(call.action));
    }
  }
}
