import { Failure } from '../../../errors.ts';
import { isFrame, type Frame, type PushFrame } from '../../../protocol/frames.ts';
import type { Io } from '../../terminal/io.ts';
import { cutText } from '../../terminal/safeText.ts';
import type { CommonValues } from '../../target/settings.ts';
import { ShellRun } from './child.ts';
import type { WatchLink } from './link.ts';
import { updateFor } from './result.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/**
 * More commands than this never wait for their turn: memory is finite, and DeviceHive forgets a command after 120 s.
 */
const maxWaiting = 10_000;

/** Runs a program for each command, in order of arrival, a limited number at a time, and answers with the result. */
export class WatchExec {
  readonly #command: string;
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
    { command, concurrency }: { readonly command: string; readonly concurrency: number },
    link: WatchLink,
    { io, values }: FlagContext<CommonValues>,
    failed: (failure: Failure) => void,
  ) {
    this.#command = command;
    this.#concurrency = concurrency;
    this.#link = link;
    this.#values = values;
    this.#io = io;
    this.#failed = failed;
  }

  /**
   * Takes a command that was pushed; one that a replay brings with an answer already is left alone (PROTOCOL.md 5.6).
   */
  take({ command }: PushFrame): void {
    if (!isFrame(command)) return;
    if (command['lastUpdated'] !== command['timestamp']) {
      return this.#tell(`command ${String(command['id'])} has been answered before; it is not run again`);
    }
    if (this.#waiting.length >= maxWaiting) return this.#failed(tooMany());
    this.#waiting.push(command);
    this.#startNext();
  }

  /** Settles when every command taken has been run and answered; a signal ends that as `stop` does. */
  async settled(signal: AbortSignal): Promise<void> {
    const stop = () => void this.stopBy(signal);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    while (this.#work.size > 0) await Promise.all(this.#work);
    signal.removeEventListener('abort', stop);
  }

  /** Stops for the signal that has ended the command. */
  stopBy({ reason }: AbortSignal): Promise<void> {
    return this.stop(reason === 'SIGTERM' || reason === 'SIGHUP' ? (reason as NodeJS.Signals) : 'SIGINT');
  }

  /**
   * Passes a signal on to what runs, starts nothing more, and settles when the results are reported as far as possible.
   */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.#isStopped = true;
    const left = this.#waiting.splice(0).map(({ id }) => String(id));
    if (left.length > 0) {
      const ids = left.length > 10 ? `${left.slice(0, 10).join(', ')} and ${left.length - 10} more` : left.join(', ');
      this.#io.warn(`commands left unanswered, because their turn had not come: ${ids}`);
    }
    for (const run of this.#running) run.end(signal);
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  /** One line for each command: a log, which must neither wait for its reader nor grow in memory. */
  #tell(text: string): void {
    const { quiet, json, output } = this.#values;
    const isSilent = quiet === true || json === true || output === 'json' || output === 'ndjson';
    if (!isSilent) this.#io.log(text);
  }

  #startNext(): void {
    while (!this.#isStopped && this.#running.size < this.#concurrency) {
      const command = this.#waiting.shift();
      if (command === undefined) return;
      const run = new ShellRun(this.#command, command);
      this.#running.add(run);
      const work: Promise<void> = this.#answer(run, command).finally(() => this.#work.delete(work));
      this.#work.add(work);
    }
  }

  async #answer(run: ShellRun, command: Frame): Promise<void> {
    const ended = await run.ended;
    this.#running.delete(run);
    this.#startNext();
    const { update, problem } = updateFor(ended, this.#values.allowLarge === true);
    const what = `command ${String(command['id'])} (${cutText(String(command['command']))})`;
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

function tooMany(): Failure {
  return new Failure('generator', `${maxWaiting} commands were waiting for their turn; the rest is left unanswered`, {
    hint: 'Allow more at once with --concurrency, or make the program faster.',
  });
}
