import { Failure } from '../../../../errors.ts';
import { largest } from '../../../../protocol/notation/extent.ts';
import type { Plan, Traffic } from '../../../../simulate/index.ts';
import { cutText } from '../../../terminal/safeText.ts';

/** The requests and limits of a container, as quantities of Kubernetes. */
export interface Resources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/** Measured memory and CPU: of a simulator without devices, of one more device, and of one frame sent or received. */
const processBytes = 85_000_000;
const deviceBytes = 7680;
const frameCpuUs = 77;

/** CPU that starting takes, whatever the plan. */
const leastMillicores = 100;

const mebibyte = 1_048_576;

/** Resources of npm while it installs the package: 114 MB were measured. */
export const installResources: Resources = {
  requests: { cpu: '100m', memory: '256Mi' },
  limits: { memory: '512Mi' },
};

/** Flags that set a pod's resources. */
interface ResourceFlags {
  readonly cpu?: string;
  readonly memory?: string;
  readonly processes: number;
}

/**
 * Returns the resources of a pod for its share of the plan's devices. CPU is requested and not limited, because a
 * throttled simulator measures its own lag; memory is limited to twice the request. Throws a usage `Failure` if a flag
 * is not a quantity.
 */
export function podResources(plan: Plan, shards: number, { cpu, memory, processes }: ResourceFlags): Resources {
  const devices = Math.ceil(plan.deviceCount / shards);
  const mebibytes = Math.ceil((processBytes * processes + deviceBytes * devices) / mebibyte);
  const millicores = leastMillicores + Math.ceil((framesPerSecond(plan) / shards) * (frameCpuUs / 1000));
  const givenCpu = quantity(cpu, '--cpu', /^(\d+m|\d+(\.\d{1,3})?)$/, '500m or 2');
  const givenMemory = quantity(memory, '--memory', /^\d+(Ki|Mi|Gi|k|M|G)$/, '512Mi or 2Gi');
  return {
    requests: { cpu: givenCpu ?? `${millicores}m`, memory: givenMemory ?? `${mebibytes}Mi` },
    limits: { ...(givenCpu === undefined ? {} : { cpu: givenCpu }), memory: givenMemory ?? `${2 * mebibytes}Mi` },
  };
}

function quantity(text: string | undefined, at: string, shape: RegExp, examples: string): string | undefined {
  if (text === undefined || (shape.test(text) && parseFloat(text) > 0)) return text;
  throw new Failure('usage', `${at} '${cutText(text)}' is no quantity of Kubernetes`, {
    hint: `Write ${at} ${examples}.`,
  });
}

/**
 * Returns how many frames a second a plan's devices and operators send and receive; further frames of behaviour modules
 * are unknown.
 */
function framesPerSecond(plan: Plan): number {
  const notifications = plan.fleets.flatMap(({ count, notifications }) =>
    notifications.map(({ everyMs }) => (2 * count * 1000) / everyMs),
  );
  const peak = plan.load.stages === undefined ? 1 : largest(plan.load.stages.map(({ share }) => share));
  const commands = plan.traffic.map((traffic) => peak * traffic.ratePerSecond * framesPerCommand(traffic, plan));
  return [...notifications, ...commands].reduce((sum, rate) => sum + rate, 0);
}

/**
 * Returns the frames that one command takes: 2 for its insertion, 1 for its arrival; for each step of the answer 2 for
 * the update, 1 for its arrival.
 */
function framesPerCommand({ command, firstTarget }: Traffic, { fleets }: Plan): number {
  const fleet = fleets.findLast(({ firstIndex }) => firstIndex <= firstTarget);
  const steps = (fleet?.commands.get(command) ?? fleet?.commands.get('*'))?.steps.length ?? 1;
  return 3 + 3 * steps;
}
