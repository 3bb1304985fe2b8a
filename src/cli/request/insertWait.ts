import { lookedInto, nowMs, type Connection } from '../../client/index.ts';
import { Failure, reworded } from '../../errors.ts';
import { serverStates } from '../../protocol/serverStates.ts';
import { isFrame, type Frame, type PushFrame } from '../../protocol/frames.ts';
import { formatTimestamp, parseTimestamp } from '../../protocol/timestamps.ts';
import type { Conversation } from '../target/conversation.ts';
import type { Io } from '../terminal/io.ts';
import { cutText } from '../terminal/safeText.ts';
import type { PrintedExchange, Prepared } from './prepared.ts';
import { UpdateLink } from './updateLink.ts';
import { SeenPushes } from './waitSeen.ts';
import { spokenDuration } from '../../protocol/notation/spokenDuration.ts';
import type { WaitFor } from './waitFor.ts';

/** How long a server may take to say what became of a command, in ms. */
const briefMs = 2000;

/** The exchange to print, and the failure that the command ends with after printing, if any. */
export interface WaitOutcome {
  readonly outcome: PrintedExchange;
  readonly verdict: Failure | undefined;
}

/**
 * Inserts a command and waits for its device. The server tells the inserter nothing by itself and may push before it
 * replies (PROTOCOL.md 5.3, 0.1), so it subscribes to updates first and keeps those that come before the id is known. A
 * lost connection is made again as long as the wait lasts.
 */
export async function insertAndWait(conversation: Conversation, prepared: Prepared): Promise<WaitOutcome> {
  const { payload, wait, requestId, io } = prepared;
  if (wait === undefined) throw new Error('nothing to wait for');
  const { connection } = conversation;
  await using updates = await UpdateLink.open(conversation, payload['deviceId'], io).catch((error: unknown) => {
    throw error instanceof Failure ? notInserted(error) : error;
  });
  const exchange = await connection.request('command/insert', payload, { requestId });
  const { last, ending } = await new Waiting(exchange, updates, wait, io).outcome();
  if (last === undefined) return { outcome: exchange, verdict: ending };
  const { text: _text, ...rest } = exchange;
  const outcome = { ...rest, reply: { ...exchange.reply, command: last } };
  return { outcome, verdict: ending === undefined ? undefined : withReply(ending, outcome.reply) };
}

/** Returns the failure to subscribe, saying that nothing was inserted. */
function notInserted(failure: Failure): Failure {
  const { kind, message, serverState, hint } = failure;
  const mayTryAgain = kind === 'timeout' || kind === 'connect' ? 'Check the server, then try again.' : hint;
  return reworded(failure, `${message}; the command was not inserted`, {
    hint: serverState === undefined ? mayTryAgain : serverStates[serverState].hint,
  });
}

function idOf(reply: Frame): unknown {
  const id = isFrame(reply['command']) ? reply['command']['id'] : undefined;
  if (id !== undefined && id !== null) return id;
  throw new Failure('refused', 'command/insert: the command was accepted, but its id is not in the reply', {
    action: 'command/insert',
    reply,
    hint: 'The server does not speak the protocol of DeviceHive 4.',
  });
}

interface Ended {
  /** The command as last updated. */
  readonly last: Frame | undefined;
  readonly ending: Failure | undefined;
}

class Waiting {
  readonly #exchange: PrintedExchange;
  readonly #id: unknown;
  readonly #updates: UpdateLink;
  readonly #wait: WaitFor;
  readonly #io: Io;
  readonly #seen = new SeenPushes();
  #last: Frame | undefined;
  /** The timeout that shows the server is sick, met when asking for the command. */
  #silence: Failure | undefined;
  #isOver = false;

  constructor(exchange: PrintedExchange, updates: UpdateLink, wait: WaitFor, io: Io) {
    this.#exchange = exchange;
    this.#id = idOf(exchange.reply);
    this.#updates = updates;
    this.#wait = wait;
    this.#io = io;
  }

  /**
   * Waits for the deciding update or the end of the time. Throws a `Failure`: `connect`, `interrupted`, `generator`.
   */
  async outcome(): Promise<Ended> {
    try {
      const ending = await this.#ended();
      return ending === 'late' ? await this.#lookedUp() : { last: this.#last, ending };
    } catch (error) {
      throw error instanceof Failure ? this.#broken(error) : error;
    }
  }

  /** Resolves when the person stops the wait by a key; never if no key can. */
  #stopped(): Promise<Failure> {
    const { stop } = this.#wait;
    return new Promise((resolve) => {
      const end = () => {
        const message = `command ${String(this.#id)} was accepted; waiting for device ${this.#device} was stopped`;
        resolve(this.#failure('pending', message, 'It may still answer.'));
      };
      stop?.signal.addEventListener('abort', end, { once: true });
    });
  }

  async #ended(): Promise<Failure | 'late' | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const { timeoutMs } = this.#wait;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), timeoutMs)));
    const end = this.#sayWaiting();
    try {
      return await Promise.race([this.#decided(nowMs() + timeoutMs), late, this.#stopped()]);
    } finally {
      this.#isOver = true;
      clearTimeout(timer);
      end();
    }
  }

  /** Says which device is awaited, and on a terminal for how long. Returns a function that ends the display. */
  #sayWaiting(): () => void {
    const waiting = `waiting for ${this.#device}, up to ${spokenDuration(this.#wait.timeoutMs)}`;
    this.#io.progress(
      `command ${String(this.#id)} accepted; ${waiting} (${this.#wait.stop?.keys ?? 'Ctrl-C'} stops waiting)`,
    );
    return this.#io.busy(waiting);
  }

  /**
   * Waits for a deciding update; after a lost connection asks for the command, since its update may have been pushed
   * meanwhile.
   */
  async #decided(endMs: number): Promise<Failure | 'late' | undefined> {
    for (;;) {
      try {
        return await this.#heard();
      } catch (error) {
        if (!(error instanceof Failure) || this.#isOver) throw error;
        await this.#updates.reconnect(error, endMs);
        const missed = await this.#commandNow(this.#updates.connection);
        const verdict = missed === undefined || !this.#isNew(missed) ? 'open' : this.#verdict(missed);
        if (verdict !== 'open') return verdict;
      }
    }
  }

  async #heard(): Promise<Failure | 'late' | undefined> {
    for await (const push of this.#updates.pushes) {
      if (this.#isOver) break;
      const command = this.#mine(push);
      if (command === undefined) continue;
      const verdict = this.#verdict(command);
      if (verdict !== 'open') return verdict;
      const { status } = this.#wait;
      this.#io.note(`command ${String(this.#id)}: ${quoted(command['status'])}; waiting for ${quoted(status)}`);
    }
    return 'late';
  }

  /** Notes an update as the last one. Returns a failure, `open` if it decides nothing, or undefined for success. */
  #verdict(command: Frame): Failure | 'open' | undefined {
    this.#last = command;
    const { status: now } = command;
    const { status, failOn } = this.#wait;
    if (typeof now === 'string' && failOn.includes(now)) return this.#answered(`${quoted(now)}, as --fail-on names it`);
    return status === undefined || now === status ? undefined : 'open';
  }

  /**
   * Asks once for the command when no update decided: the device may have answered, and the push got lost. If the
   * server does not say either, and no update came at all, checks whether the server is sick.
   */
  async #lookedUp(): Promise<Ended> {
    const connection = this.#updates.connection;
    const command = await this.#commandNow(connection);
    if (command === undefined || !this.#isNew(command)) {
      const ending = this.#tooLate();
      const mayBeSick = command === undefined && ending.kind === 'pending';
      return { last: this.#last, ending: mayBeSick ? await lookedInto(ending, connection, this.#silence) : ending };
    }
    this.#io.warn(`device ${this.#device} has answered command ${String(this.#id)}, but the push of it never came`);
    const verdict = this.#verdict(command);
    return { last: command, ending: verdict === 'open' ? this.#tooLate() : verdict };
  }

  /** True if this state of the command was neither pushed nor found before. */
  #isNew(command: Frame): boolean {
    return this.#seen.isNew({ action: 'command/update', command, subscriptionId: 0 });
  }

  /** Asks the server for the command. Returns undefined if it was not updated, or the server does not say. */
  async #commandNow(connection: Connection): Promise<Frame | undefined> {
    const inserted = this.#exchange.reply['command'] as Frame;
    const atMs = parseTimestamp(String(inserted['timestamp'])) ?? Date.now();
    const [start, end] = [atMs - 1, atMs + 1].map(formatTimestamp);
    const payload = { deviceId: this.#exchange.request['deviceId'], start, end, take: 20 };
    try {
      const { reply } = await connection.request('command/list', payload, { timeoutMs: briefMs });
      const commands: readonly unknown[] = Array.isArray(reply['commands']) ? reply['commands'] : [];
      return commands
        .filter(isFrame)
        .find((command) => String(command['id']) === String(this.#id) && isUpdated(command));
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === 'interrupted') throw error;
      this.#silence = error.kind === 'timeout' && error.serverState !== undefined ? error : undefined;
      return undefined;
    }
  }

  /** Returns the command of a push if it is a new update of the inserted command. */
  #mine(push: PushFrame): Frame | undefined {
    const { command } = push;
    if (push.action !== 'command/update' || !isFrame(command)) return undefined;
    return String(command['id']) === String(this.#id) && this.#seen.isNew(push) ? command : undefined;
  }

  #tooLate(): Failure {
    const { status, timeoutMs } = this.#wait;
    const time = spokenDuration(timeoutMs);
    if (this.#last !== undefined)
      return this.#answered(`${quoted(this.#last['status'])}, not ${quoted(status)}, within ${time}`);
    const message = `command ${String(this.#id)} was accepted, but device ${this.#device} did not answer within ${time}`;
    return this.#failure('pending', message, 'Check that the device is connected, or allow more time with --timeout.');
  }

  #answered(how: string): Failure {
    const message = `device ${this.#device} answered command ${String(this.#id)} with ${how}`;
    return this.#failure('assertion', message, 'The command, as last updated, is in the output.');
  }

  /** Returns the failure of the wait, saying that the command was inserted: a repeated call would insert it twice. */
  #broken({ kind, message, cause }: Failure): Failure {
    const inserted = `command ${String(this.#id)} was inserted and is not sent again`;
    const what = kind === 'interrupted' ? 'waiting for the device was interrupted' : message;
    const hint = `What became of it: devicehive command list --device ${this.#device} --all, within 120 s.`;
    return this.#failure(kind, `${what}; ${inserted}`, hint, cause);
  }

  get #device(): string {
    return cutText(String(this.#exchange.request['deviceId']));
  }

  #failure(kind: Failure['kind'], message: string, hint: string, cause?: unknown): Failure {
    const { request, reply } = this.#exchange;
    const action = 'command/insert';
    return new Failure(kind, message, { action, requestId: request['requestId'], request, reply, hint, cause });
  }
}

/** True if a device has answered the command. */
function isUpdated({ status, result }: Frame): boolean {
  return (status ?? result ?? undefined) !== undefined;
}

function quoted(status: unknown): string {
  return typeof status === 'string' ? `status '${cutText(status)}'` : 'no status';
}

function withReply(failure: Failure, reply: Frame): Failure {
  return reworded(failure, failure.message, { reply });
}
