import { nowMs, type Connection } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import type { ReplyFrame } from '../../../protocol/frames.ts';
import { requestIdKey } from '../../../protocol/requestIds.ts';
import type { Journal } from './journal/journal.ts';
import { badLine, errorOf, okLine, outcomeOf, type OutcomeError, type OutcomeName } from './outcome.ts';
import type { Outcomes } from './outcomes.ts';
import type { Pace } from './pace.ts';
import { Pulse } from './pulse.ts';
import { PostedLine, type LineOwner } from './postedLine.ts';
import { withoutId, type LineRequest } from './input/requestLine.ts';
import type { Sink } from '../../terminal/sink.ts';
import type { Sleeper } from './sleeper.ts';
import type { Feed } from './input/feed.ts';

/** The parts of a batch. */
export interface BatchParts {
  readonly feed: Feed;
  readonly sink: Sink;
  readonly outcomes: Outcomes;
  readonly pace: Pace;
  readonly sleeper: Sleeper;
  readonly journal: Journal | undefined;
  /** Opens the connection for the first request; undefined if nothing is to be sent. */
  readonly connect: ((request: LineRequest) => Promise<Connection>) | undefined;
  /** Called with each subscribe before it is sent. */
  readonly onSubscribe: (request: LineRequest) => void;
  readonly concurrency: number;
  /** True if a server that stays silent may be asked why. */
  readonly probe: boolean;
  readonly signal: AbortSignal;
}

const stopped: OutcomeError = { kind: 'interrupted', message: 'the batch was stopped before this line was sent' };
const unconnected: OutcomeError = { kind: 'connect', message: 'the connection was lost before this line was sent' };
const unanswered: OutcomeError = {
  kind: 'timeout',
  message: 'the server answers nothing any more, server/info neither; this line was not sent',
  hint: 'Check the server, then send what is left.',
};
const unknownEnd: OutcomeError = {
  kind: 'connect',
  message: 'an earlier run sent this line and saw no reply; it is not sent again',
  hint: 'Whether it was carried out is unknown. Check the server.',
};
const dryRun: OutcomeError = { kind: 'skipped', message: 'valid; with --dry-run nothing is sent' };

/** How long a stopped batch waits for more lines of a pipe, to report them as skipped, in ms. */
const graceMs = 300;

/** A request that waits for the connection. */
interface First {
  readonly line: number;
  readonly slot: number;
  readonly request: LineRequest;
}

/**
 * Sends the requests of an input over one connection, a limited number at a time, and reports an outcome for each line.
 * It reads input only while there is room in the window, among the held outcomes, and on the way to stdout, so memory
 * does not depend on the length of the input. The socket is read whatever else is slow.
 */
export class BatchRun implements LineOwner {
  readonly #parts: BatchParts;
  /** The lines' own ids of pending requests. */
  readonly #ids = new Set<unknown>();
  #connection: Connection | undefined;
  readonly #pulse: Pulse;
  #isLost = false;
  #first: First | undefined;
  #pending = 0;
  #failure: unknown;

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.#pulse = new Pulse(parts.sleeper.wake);
  }

  /**
   * Runs to the end of the input, or until a signal. Throws a `Failure` if no connection can be made, or the journal
   * cannot be written.
   */
  async run(): Promise<void> {
    const { signal, sleeper, sink } = this.#parts;
    signal.addEventListener('abort', sleeper.wake, { once: true });
    await this.#work();
    if (signal.aborted) await this.#skipTheRest();
    while (this.#pending > 0 && this.#failure === undefined) await sleeper.sleep();
    signal.removeEventListener('abort', sleeper.wake);
    await sink.drained();
    if (this.#failure !== undefined) throw this.#failure as Error;
  }

  /** Ends the run with this failure, or with a bug. */
  readonly fail = (error: unknown): void => {
    this.#failure ??= error;
    this.#parts.sleeper.wake();
  };

  replied(posted: PostedLine, reply: ReplyFrame, text: string): void {
    this.#acknowledge(posted, 'ok', okLine(posted.line, posted.ownText(reply, text)));
  }

  failed(posted: PostedLine, error: unknown, wasSent: boolean): void {
    if (!(error instanceof Failure)) return this.fail(error);
    if (!wasSent && isIdInUse(error, posted)) return this.#connection?.post(this.#renumbered(posted));
    if (error.kind === 'connect' && !wasSent) this.#isLost = true;
    if (error.kind === 'timeout' && error.reply === undefined && this.#parts.probe) this.#feelPulse();
    const name = outcomeOf(error, wasSent);
    const reply = error.reply === undefined ? undefined : posted.ownReply(error.reply);
    const text = badLine(posted.line, name, errorOf(error), reply);
    if (reply !== undefined) this.#acknowledge(posted, name, text);
    else if (wasSent) this.#settle(posted, name, text);
    else this.#takeBack(posted, name, text);
  }

  /**
   * Asks a server that let a request time out whether it lives; otherwise all other lines would time out one by one.
   */
  #feelPulse(): void {
    if (this.#connection !== undefined) void this.#pulse.ask(this.#connection);
  }

  #renumbered(posted: PostedLine): PostedLine {
    this.#ids.delete(requestIdKey(posted.requestId));
    return posted.renumbered();
  }

  /** Writes the server's answer to the journal before anyone sees it. */
  #acknowledge(posted: PostedLine, name: OutcomeName, text: string): void {
    const { journal } = this.#parts;
    if (journal === undefined) this.#settle(posted, name, text);
    else journal.acknowledge(text, () => this.#settle(posted, name, text));
  }

  /** Settles a line that was not sent; the journal may say that it was, and the next run has to send it. */
  #takeBack(posted: PostedLine, name: OutcomeName, text: string): void {
    const { journal } = this.#parts;
    if (journal === undefined || posted.isRepeatable) this.#settle(posted, name, text);
    else journal.takeBack(posted.line, () => this.#settle(posted, name, text));
  }

  #settle({ slot, requestId }: PostedLine, name: OutcomeName, text: string): void {
    this.#pending--;
    if (requestId !== undefined) this.#ids.delete(requestIdKey(requestId));
    this.#parts.outcomes.put(slot, name, text);
    this.#parts.sleeper.wake();
  }

  get #isStopped(): boolean {
    return this.#parts.signal.aborted || this.#failure !== undefined || this.#parts.sink.isGone;
  }

  async #work(): Promise<void> {
    const { feed, sleeper, pace } = this.#parts;
    while (!this.#isStopped) {
      const lacks = this.#takeWhatFits();
      if (this.#first !== undefined) await this.#connect(this.#first);
      else if (lacks === 'room') await sleeper.sleep(pace.waitMs());
      else if (feed.hasEnded) return;
      else await feed.more();
    }
  }

  /** Takes lines while they may be sent and there are any. Returns what is missing then: room, or lines. */
  #takeWhatFits(): 'room' | 'lines' {
    const { feed, outcomes, pace, concurrency } = this.#parts;
    for (;;) {
      const hasRoom = this.#pending < concurrency && outcomes.hasRoom && pace.waitMs() === 0;
      if (!hasRoom || this.#pulse.isAsking || this.#isStopped || this.#first !== undefined) return 'room';
      if (!feed.next()) return 'lines';
      this.#take(feed.line, outcomes.reserve());
    }
  }

  #take(line: number, slot: number): void {
    const { feed, journal, connect, outcomes } = this.#parts;
    const known = journal?.outcomeOf(line);
    if (known !== undefined) return outcomes.replay(slot, known);
    const request = feed.read();
    if (request.kind === 'invalid') return outcomes.put(slot, 'invalid', badLine(line, 'invalid', request.error));
    if (!request.known.isRepeatable && journal?.wasSent(line) === true) {
      return outcomes.put(slot, 'lost', badLine(line, 'lost', unknownEnd));
    }
    if (connect === undefined) return outcomes.put(slot, 'skipped', badLine(line, 'skipped', dryRun));
    if (this.#pulse.isDead) return outcomes.put(slot, 'skipped', badLine(line, 'skipped', unanswered));
    if (this.#isLost) return outcomes.put(slot, 'skipped', badLine(line, 'skipped', unconnected));
    if (this.#connection === undefined) this.#first = { line, slot, request };
    else this.#send(this.#connection, line, slot, request);
  }

  async #connect(first: First): Promise<void> {
    try {
      this.#connection = await this.#parts.connect?.(first.request);
    } catch (error) {
      if (!this.#parts.signal.aborted) throw error;
    }
    this.#first = undefined;
    if (this.#connection !== undefined) this.#send(this.#connection, first.line, first.slot, first.request);
    else this.#skip(first.line, first.slot);
  }

  #send(connection: Connection, line: number, slot: number, request: LineRequest): void {
    if (request.known.isSubscribe) this.#parts.onSubscribe(request);
    const isTaken = request.wireId !== undefined && this.#ids.has(requestIdKey(request.wireId));
    const posted = new PostedLine(this, isTaken ? withoutId(request) : request, line, slot);
    if (posted.requestId !== undefined) this.#ids.add(requestIdKey(posted.requestId));
    this.#pending++;
    this.#parts.pace.count();
    const { journal } = this.#parts;
    if (journal === undefined || posted.isRepeatable) connection.post(posted);
    else journal.intend(line, () => connection.post(posted));
  }

  #skip(line: number, slot: number): void {
    const { journal, outcomes } = this.#parts;
    const known = journal?.outcomeOf(line);
    if (known !== undefined) outcomes.replay(slot, known);
    else outcomes.put(slot, 'skipped', badLine(line, 'skipped', stopped));
  }

  /** Reports every remaining line of a file as skipped; of a pipe, those that still come soon. */
  async #skipTheRest(): Promise<void> {
    const { feed, outcomes, sink, sleeper } = this.#parts;
    const endMs = feed.isFile ? Infinity : nowMs() + graceMs;
    while (!sink.isGone && this.#failure === undefined) {
      if (!outcomes.hasRoom) await sleeper.sleep();
      else if (feed.next()) this.#skip(feed.line, outcomes.reserve());
      else if (feed.hasEnded || nowMs() >= endMs) return;
      else await feed.more(feed.isFile ? 0 : graceMs);
    }
  }
}

/** True if the client has already used the line's own id for a request of its own that has no reply yet. */
function isIdInUse({ kind, requestId }: Failure, posted: PostedLine): boolean {
  return kind === 'invalid' && typeof posted.requestId === 'number' && requestId === posted.requestId;
}
