import type { Link, LinkListener, Links, Posting } from '../../src/client/index.ts';
import { Failure } from '../../src/errors.ts';
import { classify, type Frame } from '../../src/protocol/frames.ts';
import { dispatch } from '../../src/server/dispatch.ts';
import { tokensFor } from '../../src/server/handlers/token.ts';
import { Hive } from '../../src/server/hive.ts';
import { fillFresh } from '../../src/server/start/freshContent.ts';
import { Session } from '../../src/server/session.ts';
import type { VirtualClock } from './virtualClock.ts';

/** How long a reply waits before its posting learns that it is late. */
const lateMs = 10_000;
/** How long an update waits before the client finds out that its command does not exist. */
const probeMs = 1000;

/**
 * A server without a network, in virtual time, with links to it. It can be stalled, killed, and restarted without its
 * memory.
 */
export class MemoryServer implements Links {
  hive: Hive;
  /** Every received frame, without its request id, by device or `operator`. */
  readonly frames: Frame[] = [];
  opens = 0;
  /** True while requests get no answer. */
  isStalled = false;
  readonly #clock: VirtualClock;
  readonly #links = new Set<MemoryLink>();
  #stalled: (() => void)[] = [];
  #isRunning = true;
  token = '';

  /** Requests that would have stopped a real server, including those before it was killed. */
  readonly harms: string[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.hive = this.#fresh();
  }

  get linkCount(): number {
    return this.#links.size;
  }

  /** Returns the frames of one action. */
  sent(action: string): Frame[] {
    return this.frames.filter((frame) => frame['action'] === action);
  }

  open(listener: LinkListener): void {
    this.opens++;
    setImmediate(() => {
      if (!this.#isRunning) return listener.onClosed(new Failure('connect', 'connecting to it: connection refused'));
      const link = new MemoryLink(this, this.#clock, listener);
      this.#links.add(link);
      listener.onOpen(link, { connectMs: 1, authMs: 1 });
    });
  }

  close(): void {
    return;
  }

  /** Drops all connections and forgets everything. */
  kill(): void {
    this.#isRunning = false;
    this.dropAll();
    this.hive = this.#fresh();
  }

  /** Drops all connections; requests over them are never answered. */
  dropAll(): void {
    for (const link of [...this.#links]) link.cut();
    this.#stalled = [];
  }

  restart(): void {
    this.#isRunning = true;
  }

  /** Answers everything that arrived meanwhile. */
  resume(): void {
    this.isStalled = false;
    for (const work of this.#stalled.splice(0)) work();
  }

  /** Sends a request from outside of the run and returns its reply. */
  ask(action: string, fields: Frame): Frame {
    let reply: Frame = {};
    const session = this.session((text) => {
      const frame = JSON.parse(text) as Frame;
      if ('status' in frame) reply = frame;
    });
    dispatch(JSON.stringify({ action, requestId: 1, ...fields }), session);
    session.end();
    return reply;
  }

  session(send: (text: string) => void): Session {
    const sendShared = (start: Buffer, end: string) => send(`${start.toString()}${end}`);
    const session = new Session(this.hive, { send, sendShared }, { restServerUrl: 'http://127.0.0.1:1/dh/rest' });
    dispatch(JSON.stringify({ action: 'authenticate', token: this.token }), session);
    return session;
  }

  /** Passes a frame to a session, now or when the stall is over. */
  take(text: string, session: Session): void {
    const { requestId: _id, ...frame } = JSON.parse(text) as Frame;
    this.frames.push(frame);
    const work = () => {
      if (!session.isOver) dispatch(text, session);
    };
    if (this.isStalled) this.#stalled.push(work);
    else work();
  }

  gone(link: MemoryLink): void {
    this.#links.delete(link);
  }

  #fresh(): Hive {
    const clock = this.#clock;
    const hive = new Hive({
      clock: { now: () => clock.epochMs(), schedule: (afterMs, run) => clock.schedule(afterMs, run) },
      log: ({ harm, message }) => {
        if (harm !== undefined) this.harms.push(message);
      },
      answerAll: false,
      isExposed: false,
      refusesHarm: false,
    });
    const administrator = fillFresh(hive, { secret: 'devicehive', adminPassword: 'dhadmin_#911', demo: false });
    this.token = tokensFor(administrator, hive).accessToken;
    return hive;
  }
}

class MemoryLink implements Link {
  readonly waitingBytes = 0;
  readonly accessToken: string;
  readonly #server: MemoryServer;
  readonly #clock: VirtualClock;
  readonly #listener: LinkListener;
  readonly #session: Session;
  readonly #pending = new Map<unknown, { readonly posting: Posting; readonly cancel: () => void }>();
  #nextId = 0;
  #isOpen = true;

  constructor(server: MemoryServer, clock: VirtualClock, listener: LinkListener) {
    this.#server = server;
    this.#clock = clock;
    this.#listener = listener;
    this.accessToken = server.token;
    this.#session = server.session((text) => queueMicrotask(() => this.#hear(text)));
  }

  post(posting: Posting): void {
    const id = ++this.#nextId;
    const cancelLate = this.#clock.schedule(lateMs, () => {
      const late = new Failure('timeout', `${posting.action}: no reply from it within 10 s`);
      if (posting.onLate !== undefined) return posting.onLate(late);
      this.#pending.delete(id);
      posting.onFailure(late, true);
    });
    const cancelProbe =
      posting.action === 'command/update' ? this.#clock.schedule(probeMs, () => this.#probe(id, posting)) : undefined;
    const cancel = () => {
      cancelLate();
      cancelProbe?.();
    };
    this.#pending.set(id, { posting, cancel });
    this.#server.take(`{"requestId":${id},${posting.text.slice(1)}`, this.#session);
  }

  close(): void {
    this.#end(true);
  }

  cut(): void {
    this.#end(false);
  }

  #hear(text: string): void {
    if (!this.#isOpen) return;
    const received = classify(text);
    if (received.kind === 'push') return this.#listener.onPush(received.frame);
    if (received.kind !== 'reply') return;
    const { frame } = received;
    const pending = this.#pending.get(frame.requestId);
    this.#pending.delete(frame.requestId);
    pending?.cancel();
    if (frame.status === 'success') return pending?.posting.onReply(frame, text);
    const code = frame.code as number;
    const kind = code === 401 || code === 403 ? 'auth' : 'refused';
    pending?.posting.onFailure(new Failure(kind, String(frame.error), { code, reply: frame }), true);
  }

  /** Imitates how the client finds out that a command is gone. */
  #probe(id: number, posting: Posting): void {
    const { deviceId, commandId } = posting.payload;
    if (this.#server.isStalled) return;
    if (this.#server.hive.commands.find(String(deviceId), commandId as number, this.#clock.epochMs()) !== undefined)
      return;
    this.#pending.get(id)?.cancel();
    this.#pending.delete(id);
    posting.onFailure(new Failure('refused', `no reply, and device ${String(deviceId)} has no such command`), true);
  }

  #end(isOurs: boolean): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#session.end();
    this.#server.gone(this);
    for (const { posting, cancel } of this.#pending.values()) {
      cancel();
      posting.onFailure(new Failure('connect', `${posting.action}: the connection to it was lost`), true);
    }
    if (!isOurs) this.#listener.onClosed(new Failure('connect', 'the connection to it was lost'));
  }
}
