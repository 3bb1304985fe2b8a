import { Failure, messageOf } from '../../../../errors.ts';
import type { Tokens } from '../../../../client/index.ts';
import { traceOption } from '../../../target/connecting.ts';
import type { Io } from '../../../terminal/io.ts';
import { playHere, type Playing } from './playedPlan.ts';
import type { WorkerMessage, Job, Order, SentFailure } from './processes.ts';
import { readPlan } from '../readPlan.ts';
import { watchModules } from './userErrors.ts';

const snapshotMs = 1000;

/**
 * Runs as a worker of `--processes`: plays its share of the devices by its parent's orders, and ends with it. The
 * parent handles signals.
 */
export async function work(io: Io): Promise<void> {
  const worker = new Work(io);
  process.on('message', (order: Order) => void worker.take(order));
  await new Promise<void>((resolve) => process.once('disconnect', () => resolve()));
  await worker.end();
}

class Work {
  readonly #io: Io;
  #playing: Playing | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isFinished = false;

  constructor(io: Io) {
    this.#io = io;
  }

  async take(order: Order): Promise<void> {
    try {
      await this.#obey(order);
    } catch (error) {
      tell({ kind: 'failed', failure: failureOf(error) });
      // a worker that cannot finish disconnects, and so tells its parent not to wait
      if (order.kind === 'finish') process.disconnect();
    }
  }

  /** Ends at once, because the parent is gone or needs no more. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    if (!this.#isFinished) await this.#playing?.finish({ drainMs: 0, cleansUp: false });
  }

  async #obey(order: Order): Promise<void> {
    if (order.kind === 'prepare') return this.#prepare(order.job);
    if (order.kind === 'stop') return this.#stop();
    if (order.kind === 'hurry') return this.#playing?.hurry(order.atMostMs);
    if (this.#playing === undefined) return process.disconnect();
    if (order.kind === 'begin') {
      await this.#playing.begin(order.originMs);
      return tell({ kind: 'begun', upCount: this.#playing.upCount });
    }
    this.#isFinished = true;
    const finished = await this.#playing.finish(order.limits);
    clearInterval(this.#timer);
    tell({ kind: 'finished', finished });
  }

  /** Stops the run, even one whose plan is still being read. */
  #stop(): void {
    this.#isStopped = true;
    this.#playing?.stop();
  }

  async #prepare({ file, text, values, shard, part, options, retries }: Job): Promise<void> {
    const { plan } = await readPlan({ file, flags: values, text }, this.#io);
    const credentials = { ...options.credentials, onTokens: (tokens: Tokens) => tell({ kind: 'tokens', tokens }) };
    const trace = await traceOption({ io: this.#io, values });
    const playing = await playHere({ plan, shard, part, retries, options: { ...options, credentials, ...trace } });
    this.#playing = playing;
    watchModules(plan, (error) => tell({ kind: 'failed', failure: failureOf(error) }));
    playing.over.then(
      () => tell({ kind: 'over' }),
      (error: unknown) => tell({ kind: 'failed', failure: failureOf(error) }),
    );
    this.#timer = setInterval(() => {
      const snapshot = playing.snapshot();
      if (snapshot !== undefined) tell({ kind: 'snapshot', snapshot });
    }, snapshotMs);
    if (this.#isStopped) playing.stop();
    await playing.prepare();
    tell({ kind: 'prepared', deviceCount: playing.deviceCount });
  }
}

/** Sends an answer; a parent that is gone does not need it. */
function tell(answer: WorkerMessage): void {
  if (process.connected) process.send?.(answer, () => undefined);
}

function failureOf(error: unknown): SentFailure {
  if (error instanceof Failure) {
    const { kind, message, hint, code } = error;
    return { kind, message, hint, code };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
  return { kind: 'internal', message, hint: undefined, code: null };
}
