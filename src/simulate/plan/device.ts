import type { DevicePlan, DeviceState, Fleet, Plan } from './model.ts';
import { Stream } from './random.ts';

const placeholder = /\{index(?::(0?)(\d{1,2}))?\}/g;

/** True if ids made from a template differ from each other. */
export function hasIndex(template: string): boolean {
  return template.search(placeholder) !== -1;
}

/** Puts the number of a device into a template: `{index}` as it is, `{index:04}` padded with zeros to 4 digits. */
export function withIndex(template: string, index: number): string {
  return template.replace(placeholder, (_, __, width: string | undefined) =>
    String(index).padStart(Number(width ?? 0), '0'),
  );
}

/** Returns a function for the index with which a template makes an id; the function returns undefined if none does. */
export function indexReader(template: string): (id: string) => number | undefined {
  const parts = template.split(/\{index(?::\d{1,2})?\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('(\\d+)')}$`);
  return (id) => {
    const found = pattern.exec(id);
    if (found === null) return undefined;
    const index = Number(found[1] ?? 0);
    return withIndex(template, index) === id ? index : undefined;
  };
}

/** Returns the fleet of device number g. Throws a RangeError if the plan has no such device. */
function fleetOf(plan: Plan, g: number): Fleet {
  const fleet = plan.fleets.findLast(({ firstIndex }) => firstIndex <= g);
  if (fleet === undefined || !(g < plan.deviceCount)) throw new RangeError(`the plan has no device number ${g}`);
  return fleet;
}

/**
 * Returns device number g of a plan, from 0 to deviceCount - 1; its name is its id unless the plan says otherwise.
 * Throws a RangeError outside of that.
 */
export function deviceOf(plan: Plan, g: number): DevicePlan {
  const fleet = fleetOf(plan, g);
  const index = fleet.firstNumber + g - fleet.firstIndex;
  const id = withIndex(fleet.id, index);
  return { g, id, name: fleet.name === undefined ? id : withIndex(fleet.name, index), fleet };
}

/** Returns when a device starts, in ms on the plan's clock: at 0 without a ramp, else at g / ramp seconds. */
export function startMsOf({ load }: Plan, { g }: DevicePlan): number {
  return load.rampPerSecond === undefined ? 0 : Math.round((g * 1000) / load.rampPerSecond);
}

/** Returns how many devices start before the plan ends: all, unless its ramp takes longer. */
export function startedCount({ deviceCount, load: { rampPerSecond, forMs } }: Plan): number {
  if (rampPerSecond === undefined || forMs === undefined) return deviceCount;
  return Math.min(deviceCount, Math.ceil((forMs * rampPerSecond) / 1000));
}

/** Returns the start state of a device, drawn from the device's own random stream. */
export function stateOf(plan: Plan, device: DevicePlan): DeviceState {
  const { state, behaviour } = device.fleet;
  const values = state.produce({
    random: state.isConstant ? unused : new Stream(plan.seed, device.id, 'state'),
    memory: state.remember(),
    atMs: 0,
    originMs: 0,
    state: {},
    parameters: null,
  });
  return { values: behaviour === undefined ? { ...values } : structuredClone(values) };
}

/** A random stream for templates that draw nothing. */
const unused = { unit: () => 0 };
