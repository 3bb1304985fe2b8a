import type { Bus } from './bus.ts';
import type { Caller } from './rights/caller.ts';
import type { Hive } from './hive.ts';
import type { Principal } from './rights/principal.ts';
import type { SessionSubscription } from './subscriptions.ts';

/** The client's end of a session, whatever transport carries the texts. */
export interface Peer {
  send(text: string): void;
  /** Sends one text in two parts, of which the first is shared with other peers. */
  sendShared(start: Buffer, end: string): void;
}

/** The origin of a session. */
export interface SessionOrigin {
  readonly restServerUrl: string;
  /** From a token in the handshake (PROTOCOL.md 1.2). */
  readonly principal?: Principal | undefined;
  /** Stands for the connection of a REST request; absent over a WebSocket. */
  readonly restLine?: object;
}

/** One conversation with a client: its principal and its subscriptions (PROTOCOL.md 3.6). */
export class Session implements Caller {
  readonly hive: Hive;
  readonly restServerUrl: string;
  readonly seesUnassignedDevices: boolean;
  readonly runsInIoThread: boolean;
  readonly line: object;
  principal: Principal | undefined;
  token: string | undefined = undefined;
  subscriptions: Map<number, SessionSubscription> | undefined = undefined;
  listening = 0;
  isOver = false;
  readonly #peer: Peer;
  /** Absent over REST, where a poll's answer itself goes over the bus. */
  readonly #bus: Bus | undefined;
  #afterReply: (() => void)[] | undefined = undefined;

  constructor(hive: Hive, peer: Peer, { restServerUrl, principal, restLine }: SessionOrigin) {
    this.hive = hive;
    this.#peer = peer;
    this.#bus = restLine === undefined ? hive.bus : undefined;
    this.restServerUrl = restServerUrl;
    this.principal = principal;
    this.seesUnassignedDevices = restLine !== undefined;
    this.runsInIoThread = restLine === undefined;
    this.line = restLine ?? this;
  }

  reply(text: string): void {
    this.#peer.send(text);
  }

  /** Sends a reply that travels over the bus: the success of an async action (PROTOCOL.md 1.4). */
  replyLater(text: string): void {
    if (this.#bus === undefined) this.#peer.send(text);
    else this.#bus.post(() => this.isOver || this.#peer.send(text));
  }

  push(text: string): void {
    this.hive.joins.pushIsDue(this.line);
    this.replyLater(text);
  }

  pushShared(start: Buffer, end: string): void {
    this.hive.joins.pushIsDue(this.line);
    if (this.#bus === undefined) this.#peer.sendShared(start, end);
    else this.#bus.post(() => this.isOver || this.#peer.sendShared(start, end));
  }

  afterReply(task: () => void): void {
    (this.#afterReply ??= []).push(task);
  }

  /** Runs the tasks that waited for the reply. */
  runAfterReply(): void {
    const tasks = this.#afterReply;
    if (tasks === undefined) return;
    this.#afterReply = undefined;
    for (const task of tasks) task();
  }

  /** Removes all subscriptions, because the connection has ended (PROTOCOL.md 1.5). */
  end(): void {
    this.isOver = true;
    for (const subscription of this.subscriptions?.values() ?? []) this.hive.subscriptions.remove(subscription);
    this.subscriptions = undefined;
  }
}
