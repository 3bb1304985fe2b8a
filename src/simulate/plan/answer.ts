import type {
  DeviceAnswer,
  AnswerStep,
  CommandPlan,
  DevicePlan,
  DeviceState,
  Faults,
  JsonFields,
  GeneratorMemory,
  Plan,
  PlanClock,
  Random,
  ReceivedCommand,
  DeviceReport,
  StepPlan,
  Template,
} from './model.ts';
import { Stream } from './random.ts';

/** A device being played, with what it remembers. */
export interface DeviceInPlay {
  readonly plan: Plan;
  readonly device: DevicePlan;
  readonly state: DeviceState;
  readonly clock: PlanClock;
}

const nothing: DeviceAnswer = { steps: [] };

/**
 * Returns a device's answer to a command by the plan: the steps of its name, or those of `*`. Its random values depend
 * only on the seed, the device's id, the name and how many such commands it has answered.
 */
export function answerTo(played: DeviceInPlay, command: ReceivedCommand): DeviceAnswer {
  const { commands } = played.device.fleet;
  const found = commands.get(command.command ?? '*') ?? commands.get('*');
  if (found === undefined) return nothing;
  const context = new AnswerScope(played, streamOf(played, found), command.parameters);
  return { steps: found.steps.map((step) => context.step(step)) };
}

/** Returns how often a report is sent, given the faults. */
export function timesOf({ dropReply, duplicateReply }: Faults, random: Random): 0 | 1 | 2 {
  if (dropReply === 0 && duplicateReply === 0) return 1;
  const drawn = random.unit();
  if (drawn < dropReply) return 0;
  return random.unit() < duplicateReply ? 2 : 1;
}

function streamOf({ plan, device, state }: DeviceInPlay, { index, name }: CommandPlan): Random {
  const answered = (state.answered ??= new Array<number>(device.fleet.commands.size).fill(0));
  const count = (answered[index] ?? 0) + 1;
  answered[index] = count;
  return new Stream(plan.seed, device.id, 'command', name, count);
}

/** The state that the steps of one answer share. */
class AnswerScope {
  readonly #faults: Faults;
  readonly #state: DeviceState;
  readonly #random: Random;
  readonly #parameters: JsonFields | null;
  readonly #clock: PlanClock;

  constructor({ device, state, clock }: DeviceInPlay, random: Random, parameters: JsonFields | null) {
    this.#faults = device.fleet.faults;
    this.#state = state;
    this.#random = random;
    this.#parameters = parameters;
    this.#clock = clock;
  }

  step(step: StepPlan): AnswerStep {
    return { afterMs: step.after(this.#random), report: (atMs) => this.#report(step, atMs) };
  }

  #report({ status, set, result }: StepPlan, atMs: number): DeviceReport {
    if (set !== undefined) Object.assign(this.#state.values, this.#produced(set, atMs));
    const produced = result === undefined ? undefined : this.#produced(result, atMs);
    return {
      times: timesOf(this.#faults, this.#random),
      ...(status === undefined ? {} : { status }),
      ...(produced === undefined ? {} : { result: produced }),
    };
  }

  #produced(template: Template, atMs: number): JsonFields {
    return template.produce({
      random: this.#random,
      memory: this.#memoryOf(template),
      atMs,
      originMs: this.#clock.originMs,
      state: this.#state.values,
      parameters: this.#parameters,
    });
  }

  #memoryOf(template: Template): GeneratorMemory | undefined {
    const known = this.#state.memories?.get(template);
    if (known !== undefined) return known;
    const memory = template.remember();
    if (memory !== undefined) (this.#state.memories ??= new Map<Template, GeneratorMemory>()).set(template, memory);
    return memory;
  }
}
