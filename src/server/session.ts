import type { Bus } from './bus.ts';
import type { Caller } from './rights/caller.ts';
import type { Hive } from './hive.ts';
import type { Principal } from './rights/principal.ts';
import type { SessionSubscription } from './subscriptions.ts';

/** The other end of a session, whatever carries the texts. */
export interface Peer {
  send(text: string): void;
  /** Sends one text, given in two parts. */
  sendShared(start: Buffer, end: string): void;
}

/** One conversation with a client: who it is, and what it subscribed to (PROTOCOL.md 3.6). */
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
  /** Polls hear at once of what there is: their own answers come over the bus. */
  readonly #bus: Bus | undefined;
  #afterReply: (() => void)[] | undefined = undefined;

  /**
   * A principal is given where the handshake brought a token (PROTOCOL.md 1.2), and over REST the connection that the
   * answer goes out on.
   */
  constructor(hive: Hive, peer: Peer, restServerUrl: string, principal?: Principal, restLine?: object) {
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

  /** Sends what comes over the bus: the success of an async action (PROTOCOL.md 1.4). */
  replyLater(text: string): void {
    if (this.#bus === undefined) this.#peer.send(text);
    else this.#bus.post(() => this.isOver || this.#peer.send(text));
  }

  push(text: string): void {
    this.hive.joining.pushIsDue(this.line);
    this.replyLater(text);
  }

  pushShared(start: Buffer, end: string): void {
    this.hive.joining.pushIsDue(this.line);
    if (this.#bus === undefined) this.#peer.sendShared(start, end);
    else this.#bus.post(() => this.isOver || this.#peer.sendShared(start, end));
  }

  afterReply(task: () => void): void {
    (this.#afterReply ??= []).push(task);
  }

  /** Does what had to wait for the reply. */
  runAfterReply(): void {
    const tasks = this.#afterReply;
    if (tasks === undefined) return;
    this.#afterReply = undefined;
    for (const task of tasks) task();
  }

  /** Ends all subscriptions: nobody is there to hear (PROTOCOL.md 1.5). */
  end(): void {
    this.isOver = true;
    for (const subscription of this.subscriptions?.values() ?? []) this.hive.subscriptions.remove(subscription);
    this.subscriptions = undefined;
  }
}
