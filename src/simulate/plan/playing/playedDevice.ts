import { answerTo } from '../answer.ts';
import type {
  AnswerStep,
  BehaviourHost,
  DevicePlan,
  DeviceReport,
  DeviceState,
  JsonFields,
  ReceivedCommand,
  RunningBehaviour,
  Series,
} from '../model.ts';
import { stateOf } from '../device.ts';
import type { PlayOptions } from './playOptions.ts';

/** What devices see of the play. */
export interface DeviceStage {
  readonly options: PlayOptions;
  readonly nowMs: number;
  /** Set when a behaviour was called: what it awaits has to settle before time goes on. */
  isUnsettled: boolean;
  /** Calls back once; the returned function cancels. */
  schedule(afterMs: number, run: () => void): () => void;
}

/** One device of a play. */
export class PlayedDevice implements BehaviourHost {
  readonly #device: DevicePlan;
  readonly #play: DeviceStage;
  #state: DeviceState | undefined;
  #running: RunningBehaviour | undefined;

  constructor(device: DevicePlan, play: DeviceStage) {
    this.#device = device;
    this.#play = play;
  }

  get seed(): number {
    return this.#play.options.plan.seed;
  }

  get originMs(): number {
    return this.#play.options.clock.originMs;
  }

  nowMs(): number {
    return this.#play.nowMs;
  }

  /** Starts its behaviour. */
  start(): void {
    this.#play.isUnsettled = true;
    this.#running = this.#device.fleet.behaviour?.start(this.#device, this.#own, this);
  }

  stop(): void {
    this.#running?.stop();
  }

  schedule(afterMs: number, run: () => void): () => void {
    return this.#play.schedule(afterMs, () => {
      this.#play.isUnsettled = true;
      run();
    });
  }

  notify(name: string, parameters: JsonFields | undefined): void {
    const { tell } = this.#play.options;
    tell({ atMs: this.nowMs(), device: this.#device.id, kind: 'notification', name, parameters: parameters ?? null });
  }

  /** Sends the planned notification that is due; copied if a module may change the state in it. */
  notifyFrom(series: Series): void {
    const produced = series.produce(this.#own, this.#play.options.clock);
    const { behaviour } = this.#device.fleet;
    this.notify(series.name, behaviour === undefined ? produced : structuredClone(produced));
  }

  fail(error: Error): void {
    this.#play.options.fail(error);
  }

  receive(command: ReceivedCommand): void {
    const name = command.command ?? '';
    if (this.#running !== undefined && this.#device.fleet.behaviour?.answers(command.command) === true) {
      this.#play.isUnsettled = true;
      void this.#running.command(command, (report) => this.#report(name, report));
      return;
    }
    const { plan, clock } = this.#play.options;
    this.#take(name, answerTo({ plan, device: this.#device, state: this.#own, clock }, command).steps);
  }

  #take(name: string, [step, ...later]: readonly AnswerStep[]): void {
    if (step === undefined) return;
    this.#play.schedule(step.afterMs, () => {
      this.#report(name, step.report(this.nowMs()));
      this.#take(name, later);
    });
  }

  #report(name: string, { status, result, times }: DeviceReport): void {
    if (status === undefined && result === undefined) return;
    const parameters = { ...(status === undefined ? {} : { status }), ...(result === undefined ? {} : { result }) };
    const event = { atMs: this.nowMs(), device: this.#device.id, kind: 'report', name, parameters } as const;
    for (let time = 0; time < times; time++) this.#play.options.tell(event);
  }

  get values(): JsonFields {
    return this.#own.values;
  }

  /** The state, created when first needed: most devices of a large plan never get a command. */
  get #own(): DeviceState {
    if (this.#state === undefined) {
      this.#state = stateOf(this.#play.options.plan, this.#device);
      Object.assign(this.#state.values, this.#play.options.state);
    }
    return this.#state;
  }
}
