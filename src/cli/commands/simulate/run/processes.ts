import { fork, type ChildProcess } from 'node:child_process';
import { Failure, type FailureKind } from '../../../../errors.ts';
import type { Credentials, LinkOptions, Tokens } from '../../../../client/index.ts';
import {
  mergedSnapshot,
  mergeParts,
  type Snapshot,
  type Plan,
  type PlanFlags,
  type Shard,
} from '../../../../simulate/index.ts';
import { accessTo } from '../../../target/access.ts';
import type { Io } from '../../../terminal/io.ts';
import type { CommonValues } from '../../../target/serverName.ts';
import type { PlayedServer } from '../server.ts';
import type { Finished, FinishLimits, Playing, MeasuredByRun } from './playedPlan.ts';

/** A worker's task. It holds plain data only; the worker reads the rest by itself. */
export interface Job {
  readonly file: string | undefined;
  /** The plan that came on stdin. */
  readonly text: string | undefined;
  readonly values: CommonValues & PlanFlags;
  readonly shard: Shard;
  readonly part: Shard;
  readonly options: LinkOptions;
  readonly retries: number;
}

/** A message to a worker. */
export type Order =
  | { readonly kind: 'prepare'; readonly job: Job }
  | { readonly kind: 'begin'; readonly originMs: number }
  | { readonly kind: 'stop' }
  | { readonly kind: 'hurry'; readonly atMostMs: number }
  | { readonly kind: 'finish'; readonly limits: FinishLimits };

/** A message from a worker. */
export type WorkerMessage =
  | { readonly kind: 'prepared'; readonly deviceCount: number }
  | { readonly kind: 'begun'; readonly upCount: number }
  | { readonly kind: 'over' }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'tokens'; readonly tokens: Tokens }
  | { readonly kind: 'finished'; readonly finished: Finished }
  | { readonly kind: 'failed'; readonly failure: SentFailure };

/** A failure as it goes from one process to another. */
export interface SentFailure {
  readonly kind: FailureKind | 'internal';
  readonly message: string;
  readonly hint: string | undefined;
  readonly code: number | null;
}

interface Division {
  readonly plan: Plan;
  readonly shard: Shard;
  readonly file: string | undefined;
  readonly text: string | undefined;
  readonly values: CommonValues & PlanFlags;
  readonly place: PlayedServer;
  readonly processes: number;
}

/**
 * Plays a plan in several processes, each with a part of the devices, and adds their measurements exactly. The workers
 * use the login of this process.
 */
export async function playInProcesses({ plan, place, processes, ...job }: Division, io: Io): Promise<Playing> {
  if (job.values.traceFile !== undefined) {
    throw new Failure('usage', '--trace-file records one process, and --processes asks for several', {
      hint: 'Leave one of them away.',
    });
  }
  const { target, retries } = place;
  const { onTokens, ...login } = place.options.credentials ?? {};
  const access = target.kind === 'url' ? await accessTo(target, { io, values: job.values }) : {};
  const { trace: _trace, ...options } = { ...place.options, credentials: { ...login, ...access } };
  const count = Math.min(processes, plan.deviceCount);
  const workers = Array.from(
    { length: count },
    (_, index) => new Worker({ ...job, part: { index, count }, options, retries }, onTokens),
  );
  return new Crew(workers, plan);
}

/** All workers as one. */
class Crew implements Playing {
  readonly over: Promise<void>;
  readonly hasRamp: boolean;
  readonly #workers: readonly Worker[];
  #hasBegun = false;

  constructor(workers: readonly Worker[], { load }: Plan) {
    this.#workers = workers;
    this.hasRamp = load.rampPerSecond !== undefined;
    this.over = this.#all((worker) => this.#survived(worker.over));
    this.over.catch(() => undefined);
  }

  get deviceCount(): number {
    return this.#workers.reduce((sum, { deviceCount }) => sum + deviceCount, 0);
  }

  get upCount(): number {
    return this.#workers.reduce((sum, { upCount }) => sum + upCount, 0);
  }

  prepare(): Promise<void> {
    return this.#all((worker) => worker.prepare());
  }

  /** Workers get a little more time, because they hear of the start by message. */
  soonestMs(): number {
    return Date.now() + 50 + Math.floor(this.deviceCount / 100);
  }

  begin(originMs: number): Promise<void> {
    this.#hasBegun = true;
    return this.#all((worker) => this.#survived(worker.begin(originMs)));
  }

  stop(): void {
    for (const worker of this.#workers) worker.tell({ kind: 'stop' });
  }

  hurry(atMostMs: number): void {
    for (const worker of this.#workers) worker.tell({ kind: 'hurry', atMostMs });
  }

  snapshot(): Snapshot | undefined {
    const snapshots = this.#workers.flatMap(({ snapshot }) => snapshot ?? []);
    return snapshots.length === 0 ? undefined : mergedSnapshot(snapshots);
  }

  async finish(limits: FinishLimits): Promise<Finished> {
    const all = await Promise.allSettled(this.#workers.map((worker) => worker.finish(limits)));
    const failed = all.find((one) => one.status === 'rejected' && !this.#isSurvived(one.reason));
    if (failed?.status === 'rejected') throw failed.reason;
    const [first, ...rest] = all.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    if (first === undefined) throw this.loss ?? new Error('there was no worker');
    const measured = mergeParts([first.measured, ...rest.map((one) => one.measured)]);
    return {
      measured: this.loss === undefined ? measured : untrustedBecauseOf(this.loss, measured),
      left: [first, ...rest].reduce((sum, { left }) => sum + left, 0),
    };
  }

  get loss(): Failure | undefined {
    return this.#hasBegun ? this.#workers.find(({ loss }) => loss !== undefined)?.loss : undefined;
  }

  /**
   * Waits for a worker's work. A worker that dies after the start ends the run for all, and the others keep their
   * measurements.
   */
  async #survived(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!this.#isSurvived(error)) throw error;
      this.stop();
    }
  }

  #isSurvived(error: unknown): boolean {
    return this.#hasBegun && this.#workers.some(({ loss }) => loss !== undefined && loss === error);
  }

  async #all(work: (worker: Worker) => Promise<unknown>): Promise<void> {
    await Promise.all(this.#workers.map(work));
  }
}

/** Marks the others' measurements as not to be trusted: a process and its devices are missing. */
function untrustedBecauseOf({ message }: Failure, measured: MeasuredByRun): MeasuredByRun {
  const { generator } = measured;
  return { ...measured, generator: { ...generator, saturated: true, reasons: [...generator.reasons, message] } };
}

/** One process that plays a part of the devices. It ends when this process does, whatever happens. */
class Worker {
  deviceCount = 0;
  upCount = 0;
  snapshot: Snapshot | undefined;
  /** The failure of a worker that ended without being told to. */
  loss: Failure | undefined;
  readonly over: Promise<void>;
  #hasFinished = false;
  readonly #job: Job;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<WorkerMessage['kind'], (answer: WorkerMessage) => void>();
  readonly #failed: Promise<never>;
  readonly #gone: Promise<never>;

  constructor(job: Job, onTokens: Credentials['onTokens']) {
    this.#job = job;
    const program = process.argv[1] ?? '';
    this.#child = fork(program, ['simulate', 'run'], {
      env: { ...process.env, DEVICEHIVE_WORKER: 'simulate' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#failed = new Promise((_, reject) => {
      this.#child.on('message', (answer: WorkerMessage) => {
        if (answer.kind === 'failed') reject(failureFrom(answer.failure));
        else if (answer.kind === 'snapshot') this.snapshot = answer.snapshot;
        else if (answer.kind === 'tokens') void onTokens?.(answer.tokens);
        else this.#waiting.get(answer.kind)?.(answer);
      });
    });
    this.#gone = new Promise((_, reject) => {
      this.#child.on('error', reject);
      this.#child.once('exit', (code, signal) => {
        const lost = lostWorker(code, signal);
        if (!this.#hasFinished) this.loss = lost;
        reject(lost);
      });
    });
    for (const end of [this.#failed, this.#gone]) end.catch(() => undefined);
    this.over = this.#answer('over').then(() => undefined);
    this.over.catch(() => undefined);
  }

  async prepare(): Promise<void> {
    const { deviceCount } = await this.ask({ kind: 'prepare', job: this.#job }, 'prepared');
    this.deviceCount = deviceCount;
  }

  async begin(originMs: number): Promise<void> {
    const { upCount } = await this.ask({ kind: 'begin', originMs }, 'begun');
    this.upCount = upCount;
  }

  /** Ends the worker, even one that failed: it may have devices to remove. */
  async finish(limits: FinishLimits): Promise<Finished> {
    const answer = this.#awaited('finished');
    this.tell({ kind: 'finish', limits });
    try {
      return (await Promise.race([answer, this.#gone])).finished;
    } finally {
      this.#hasFinished = true;
      if (this.#child.connected) this.#child.disconnect();
      await this.#gone.catch(() => undefined);
    }
  }

  tell(order: Order): void {
    if (this.#child.connected) this.#child.send(order);
  }

  /** Sends an order and returns the worker's answer. Throws the worker's failure. */
  ask<K extends WorkerMessage['kind']>(order: Order, kind: K): Promise<Extract<WorkerMessage, { kind: K }>> {
    const answer = this.#answer(kind);
    this.tell(order);
    return answer;
  }

  #answer<K extends WorkerMessage['kind']>(kind: K): Promise<Extract<WorkerMessage, { kind: K }>> {
    return Promise.race([this.#awaited(kind), this.#failed, this.#gone]);
  }

  #awaited<K extends WorkerMessage['kind']>(kind: K): Promise<Extract<WorkerMessage, { kind: K }>> {
    return new Promise<WorkerMessage>((resolve) => this.#waiting.set(kind, resolve)) as Promise<
      Extract<WorkerMessage, { kind: K }>
    >;
  }
}

/** Returns the failure of a worker that ended without being told to, for example killed for want of memory. */
function lostWorker(code: number | null, signal: NodeJS.Signals | null): Failure {
  const how = signal === null ? `ended with ${String(code)}` : `was ended by ${signal}`;
  return new Failure('generator', `one of the processes of --processes ${how}: what it measured is lost`, {
    hint: 'Devices that it made may be left. Where memory was short, play fewer devices on this machine.',
  });
}

function failureFrom({ kind, message, hint, code }: SentFailure): Error {
  if (kind === 'internal') return new Error(message);
  return new Failure(kind, message, { code, ...(hint === undefined ? {} : { hint }) });
}
