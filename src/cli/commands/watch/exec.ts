import { Failure } from '../../../errors.ts';
import { isFrame, type Frame, type PushFrame } from '../../../protocol/frames.ts';
import type { Io } from '../../terminal/io.ts';
import { cutText } from '../../terminal/safeText.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { withServer } from '../../target/access.ts';
import { ShellRun, type ShellEnd } from './child.ts';
import type { WatchLink } from './link.ts';
import type { ExecPlan } from './plan.ts';
import { updateFor } from './result.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** More messages never wait for their turn: memory is finite, and DeviceHive forgets a command after 120 s. */
const maxWaiting = 10_000;

/**
 * Runs a program for each command or notification, in order of arrival, a limited number at a time, and answers
 * commands with its result.
 */
export class WatchExec {
  readonly #noun: 'command' | 'notification';
  readonly #shellCommand: string;
  readonly #concurrency: number;
  readonly #link: WatchLink;
  readonly #values: CommonValues;
  readonly #io: Io;
  readonly #failed: (failure: Failure) => void;
  readonly #waiting: Frame[] = [];
  readonly #running = new Set<ShellRun>();
  readonly #work = new Set<Promise<void>>();
  #isStopped = false;
  /** The first answer that could not be sent. */
  failure: Failure | undefined;

  constructor(
    { noun, command, concurrency }: ExecPlan,
    link: WatchLink,
    { io, values }: FlagContext<CommonValues>,
    failed: (failure: Failure) => void,
  ) {
    this.#noun = noun;
    this.#shellCommand = command;
    this.#concurrency = concurrency;
    this.#link = link;
    this.#values = values;
    this.#io = io;
    this.#failed = failed;
    // each run waits for stderr separately, and a reader that is gone ends none of them
    process.stderr.setMaxListeners(0).on('error', () => undefined);
  }

  /** Queues a pushed message. Ignores a command that a replay brings with an answer (PROTOCOL.md 5.6). */
  take(push: PushFrame): void {
    const message = push[this.#noun];
    if (!isFrame(message)) return;
    if (this.#noun === 'command' && message['lastUpdated'] !== message['timestamp']) {
      return this.#tell(`command ${String(message['id'])} has been answered before; it is not run again`);
    }
    if (this.#waiting.length >= maxWaiting) return this.#failed(tooMany(this.#noun));
    this.#waiting.push(message);
    this.#startNext();
  }

  /** Settles when every message taken has been run and answered; a signal ends that early, as `stop` does. */
  async settled(signal: AbortSignal): Promise<void> {
    const stop = () => void this.stopBy(signal);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    while (this.#work.size > 0) await Promise.all(this.#work);
    signal.removeEventListener('abort', stop);
  }

  /** Stops, for the signal that ended the command. */
  stopBy({ reason }: AbortSignal): Promise<void> {
    return this.stop(reason === 'SIGTERM' || reason === 'SIGHUP' ? (reason as NodeJS.Signals) : 'SIGINT');
  }

  /**
   * Passes a signal on to running programs, starts no more, and settles when results are reported as far as possible.
   */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#isStopped = true;
    const left = this.#waiting.splice(0).map(({ id }) => String(id));
    if (left.length > 0) {
      const ids = left.length > 10 ? `${left.slice(0, 10).join(', ')} and ${left.length - 10} more` : left.join(', ');
      const what = this.#noun === 'command' ? 'commands left unanswered' : 'notifications left aside';
      this.#io.warn(`${what}, because their turn had not come: ${ids}`);
    }
    for (const run of this.#running) run.end(signal);
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** Logs one line for each message, without waiting for a reader or growing in memory. */
  #tell(text: string): void {
    const { quiet, json, output } = this.#values;
    const isSilent = quiet === true || json === true || output === 'json' || output === 'ndjson';
    if (!isSilent) this.#io.log(text);
  }

  #startNext(): void {
    while (!this.#isStopped && this.#running.size < this.#concurrency) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      const run = new ShellRun(this.#shellCommand, { message, env: this.#environment(message) });
      this.#running.add(run);
      const work: Promise<void> = this.#finish(run, message).finally(() => this.#work.delete(work));
      this.#work.add(work);
    }
  }

  /** Returns the program's environment: the message, the server that it came from, and the tokens in force. */
  #environment(message: Frame): NodeJS.ProcessEnv {
    const { conversation } = this.#link;
    const { url } = conversation.connection;
    const { refreshToken } = conversation.credentials;
    const prefix = `DEVICEHIVE_${this.#noun.toUpperCase()}`;
    const name = message[this.#noun];
    return {
      ...withServer(process.env, { url, accessToken: conversation.token() || undefined, refreshToken }),
      DEVICEHIVE_DEVICE: String(message['deviceId']),
      [prefix]: typeof name === 'string' ? name : '',
      [`${prefix}_ID`]: String(message['id']),
    };
  }

  async #finish(run: ShellRun, message: Frame): Promise<void> {
    const ended = await run.ended;
    this.#running.delete(run);
    this.#startNext();
    const what = `${this.#noun} ${String(message['id'])} (${cutText(String(message[this.#noun]))})`;
    if (this.#noun === 'command') await this.#answer(message, ended, what);
    else this.#report(ended, what);
  }

  /** Reports how a notification's program ended, on stderr: a notification has no answer. */
  #report({ exitCode, signal, problem }: ShellEnd, what: string): void {
    if (problem !== undefined) this.#io.warn(`${what}: the program could not be run: ${problem}`);
    else if (exitCode === 0) this.#tell(`${what}: done`);
    else this.#io.warn(`${what}: the program ended with ${signal ?? `exit code ${exitCode}`}`);
  }

  async #answer(command: Frame, ended: ShellEnd, what: string): Promise<void> {
    const { update, problem } = updateFor(ended, this.#values.allowLarge === true);
    if (problem !== undefined) this.#io.warn(`${what}: ${problem}`);
    try {
      const { deviceId, id: commandId } = command;
      const payload = { deviceId, commandId, command: update };
      await this.#link.request('command/update', payload, () => !this.#isStopped);
      this.#tell(`${what}: ${update.status}`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.failure ??= error;
      this.#io.warn(`${what}: ${update.status}, but that could not be reported: ${error.message}`);
    }
  }
}

function tooMany(noun: string): Failure {
  return new Failure('generator', `${maxWaiting} ${noun}s were waiting for their turn; the rest is left aside`, {
    hint: 'Allow more at once with --concurrency, or make the program faster.',
  });
}
