import assert from 'node:assert/strict';
import { listReader } from '../../src/client/index.ts';
import { Run, type RunOptions } from '../../src/simulate/engine/run.ts';
import type { Bundle } from '../../src/simulate/measure/bundle.ts';
import { Recorder } from '../../src/simulate/measure/recorder.ts';
import type { JsonFields } from '../../src/simulate/plan/index.ts';
import { Stream } from '../../src/simulate/plan/random.ts';
import { MemoryServer } from './memoryLinks.ts';
import { planOf } from './plans.ts';
import { VirtualClock } from './virtualClock.ts';

// virtual time does not wait until a module is loaded
await listReader();

/** A run of a plan, in virtual time, against a server in memory. */
export class Play {
  readonly clock: VirtualClock;
  readonly server: MemoryServer;
  readonly recorder = new Recorder();
  readonly run: Run;

  constructor(plan: JsonFields, options: Partial<RunOptions> = {}, server?: MemoryServer, clock = new VirtualClock()) {
    this.clock = clock;
    this.server = server ?? new MemoryServer(clock);
    const whole = { index: 0, count: 1 };
    const random = new Stream(1, 'jitter');
    this.run = new Run({
      plan: planOf(plan),
      shard: whole,
      part: whole,
      links: this.server,
      recorder: this.recorder,
      clock,
      random: () => random.unit(),
      retries: 0,
      ...options,
    });
  }

  /** Resolves when all devices are up and the plan's clock runs. */
  start(): Promise<void> {
    return startAll([this]);
  }

  pass(ms: number): Promise<void> {
    return this.clock.pass(ms);
  }

  /** Ends the run and waits for requests in flight. Returns the measurements. */
  async end(drainMs = 10_000): Promise<Measured> {
    const [measured] = await endAll([this], drainMs);
    return measured as Measured;
  }

  measured(): Measured {
    return this.recorder.bundle({
      seed: 0,
      command: '',
      plan: '',
      url: '',
      startedAt: '',
      durationMs: 0,
      devices: this.run.deviceCount,
      shards: [0],
      shardCount: 1,
    });
  }
}

/** Brings up the devices of several runs on one server, then starts their clocks together. */
export async function startAll(plays: readonly Play[]): Promise<void> {
  const prepared = Promise.all(plays.map(({ run }) => run.prepare()));
  await untilDone(
    plays,
    prepared.then(() => Promise.all(plays.map(({ run }) => run.begin()))),
  );
}

/** Ends several runs on one server together, and checks that they did no harm. */
export async function endAll(plays: readonly Play[], drainMs = 10_000): Promise<Measured[]> {
  for (const { run } of plays) run.stop();
  await untilDone(plays, Promise.all(plays.map(({ run }) => run.drain(drainMs))));
  for (const { run } of plays) run.close();
  for (const { server } of plays) assert.deepEqual(server.harms, []);
  return plays.map((play) => play.measured());
}

/** Lets time pass until a promise is settled. */
async function untilDone(plays: readonly Play[], promise: Promise<unknown>): Promise<void> {
  const state = { isDone: false };
  const done = () => {
    state.isDone = true;
  };
  promise.then(done, done);
  await plays[0]?.pass(0);
  for (let round = 0; !state.isDone && round < 10_000; round++) await plays[0]?.pass(10);
  await promise;
}

/** The measurements, without a verdict. */
export type Measured = Omit<Bundle, 'assertions' | 'outcome'>;

/** Returns a ledger's account in short. */
export function accountOf({ ledger }: Measured, name: keyof Bundle['ledger']): Record<string, number> {
  const { expected, received, lost, unsent = 0, duplicated, reordered } = ledger[name];
  return { expected, received, lost, unsent, duplicated, reordered };
}

/** Returns the account where everything expected arrived, once and in order. */
export function allWell(count: number): Record<string, number> {
  return { expected: count, received: count, lost: 0, unsent: 0, duplicated: 0, reordered: 0 };
}
