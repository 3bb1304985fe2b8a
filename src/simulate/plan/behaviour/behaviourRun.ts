import { parseDuration } from '../../../protocol/notation/quantities.ts';
import { timesOf } from '../answer.ts';
import type {
  BehaviourHost,
  DevicePlan,
  DeviceReport,
  DeviceState,
  Faults,
  JsonFields,
  ReceivedCommand,
  RunningBehaviour,
} from '../model.ts';
import type {
  BehaviourCommand,
  BehaviourDevice,
  BehaviourModule,
  BehaviourRandom,
  CommandHandler,
} from './behaviourApi.ts';
import { shownValue } from '../generators/arguments.ts';
import { Stream, whole } from '../random.ts';
import { userFailure } from './userModule.ts';

/** How many callbacks may be due without delay at one time of the clock. */
const mostAtOnce = 10_000;

/** One device played by a module: its handlers see it as `device`. */
export class BehaviourRun implements BehaviourDevice, RunningBehaviour {
  readonly id: string;
  readonly number: number;
  readonly state: Record<string, unknown>;
  readonly random: BehaviourRandom;
  readonly #stream: Stream;
  readonly #faults: Faults;
  readonly #handlers: ReadonlyMap<string, CommandHandler>;
  readonly #file: string;
  readonly #host: BehaviourHost;
  readonly #timers = new Set<() => void>();
  #isOver = false;
  #stillMs = -1;
  #stillCount = 0;

  constructor(
    device: DevicePlan,
    state: DeviceState,
    host: BehaviourHost,
    module: { readonly file: string; readonly handlers: ReadonlyMap<string, CommandHandler> },
  ) {
    this.id = device.id;
    this.number = device.g;
    this.state = state.values;
    this.#stream = new Stream(host.seed, device.id, 'behaviour');
    this.random = randomOf(this.#stream);
    this.#faults = device.fleet.faults;
    this.#handlers = module.handlers;
    this.#file = module.file;
    this.#host = host;
  }

  get nowMs(): number {
    return this.#host.nowMs();
  }

  get timeMs(): number {
    return this.#host.originMs + this.#host.nowMs();
  }

  /** Calls the module's function for the start of a device. */
  begin(start: BehaviourModule['start']): void {
    if (start !== undefined) void this.#guard('start', () => start(this));
  }

  notify(name: string, parameters?: object): void {
    if (typeof name !== 'string' || name === '') throw new TypeError('notify() needs the name of a notification');
    if (!this.#isOver)
      this.#host.notify(name, parameters === undefined ? undefined : copyOf(parameters, `notify('${name}')`));
  }

  after(time: number | string): Promise<void>;
  after(time: number | string, run: () => unknown): () => void;
  after(time: number | string, run?: () => unknown): Promise<void> | (() => void) {
    const afterMs = msOf(time, 'after()');
    if (run === undefined) return new Promise((resolve) => this.#schedule(afterMs, resolve));
    return this.#schedule(afterMs, () => void this.#guard('a timer', run));
  }

  every(period: number | string, run: () => unknown): () => void {
    const everyMs = msOf(period, 'every()');
    if (everyMs < 1) throw new RangeError('every() needs a period of at least 1 ms');
    let cancel = (): void => undefined;
    const again = () => {
      cancel = this.#schedule(everyMs, () => {
        again();
        void this.#guard('a timer', run);
      });
    };
    again();
    return () => cancel();
  }

  command(received: ReceivedCommand, update: (report: DeviceReport) => void): Promise<void> | undefined {
    const name = received.command ?? '';
    const handler = this.#handlers.get(name) ?? this.#handlers.get('*');
    if (handler === undefined) return undefined;
    const report = (status: unknown, result: unknown) => {
      if (!this.#isOver) update({ ...reportOf(name, status, result), times: timesOf(this.#faults, this.#stream) });
    };
    const command: BehaviourCommand = {
      name,
      parameters: received.parameters ?? {},
      update: (status, result) => report(status, result),
    };
    return this.#guard(`the command ${name}`, () => {
      const answered = (answer: unknown): void => {
        if (typeof answer === 'string') report(answer, undefined);
        else if (typeof answer === 'object' && answer !== null) reportAnswer(name, answer, report);
        else if (answer !== undefined)
          throw new TypeError(`commands.${name} returned ${shownValue(answer)}: neither a status nor {status, result}`);
      };
      const answer = handler(this, command);
      return answer instanceof Promise ? answer.then(answered) : answered(answer);
    });
  }

  stop(): void {
    this.#isOver = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #schedule(afterMs: number, run: () => void): () => void {
    this.#count(afterMs);
    const cancel = this.#host.schedule(afterMs, () => {
      this.#timers.delete(cancel);
      if (!this.#isOver) run();
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  /** Throws a RangeError if a module asks for too many callbacks without delay: a virtual clock would never go on. */
  #count(afterMs: number): void {
    if (afterMs > 0 || this.nowMs !== this.#stillMs) this.#stillCount = 0;
    this.#stillMs = this.nowMs;
    if (++this.#stillCount > mostAtOnce)
      throw new RangeError(`after(0) was asked for ${mostAtOnce} times at the same time`);
  }

  /**
   * Runs a function of the module and reports what it throws, at once or later, with its place. Returns a promise of
   * its end if it is async.
   */
  #guard(what: string, run: () => unknown): Promise<void> | undefined {
    const failed = (error: unknown) =>
      this.#host.fail(userFailure(error, this.#file, `failed in ${what} of ${this.id}`));
    try {
      const result = run();
      return result instanceof Promise ? result.then(() => undefined, failed) : undefined;
    } catch (error) {
      failed(error);
      return undefined;
    }
  }
}

function reportAnswer(name: string, answer: object, report: (status: unknown, result: unknown) => void): void {
  const strange = Object.keys(answer).filter((key) => key !== 'status' && key !== 'result');
  if (strange.length > 0)
    throw new TypeError(
      `commands.${name} returned an object with ${strange.join(', ')}; it may have status and result`,
    );
  const { status, result } = answer as { readonly status?: unknown; readonly result?: unknown };
  report(status, result);
}

function reportOf(name: string, status: unknown, result: unknown): Omit<DeviceReport, 'times'> {
  if (status !== undefined && (typeof status !== 'string' || status === ''))
    throw new TypeError(`the status of ${name} must be a text, not ${shownValue(status)}`);
  return {
    ...(status === undefined ? {} : { status }),
    ...(result === undefined ? {} : { result: copyOf(result, `the result of ${name}`) }),
  };
}

/** Copies an object through JSON, so that later changes to it do not change what is sent. */
function copyOf(value: unknown, what: string): JsonFields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`${what} needs an object, not ${shownValue(value)}`);
  return JSON.parse(JSON.stringify(value)) as JsonFields;
}

function msOf(time: unknown, what: string): number {
  const ms = typeof time === 'string' ? parseDuration(time) : time;
  if (typeof ms === 'number' && ms >= 0 && ms < Infinity) return Math.round(ms);
  throw new TypeError(`${what} needs a time in ms, or a duration such as '2s', not ${shownValue(time)}`);
}

function randomOf(stream: Stream): BehaviourRandom {
  return {
    unit: () => stream.unit(),
    between: (from, to) => from + stream.unit() * (to - from),
    whole: (from, to) => from + whole(stream, to - from + 1),
    pick: (items) => {
      const item = items[whole(stream, items.length)];
      if (items.length === 0) throw new RangeError('random.pick() needs a list that is not empty');
      return item as (typeof items)[number];
    },
  };
}
