import { startMsOf } from './device.ts';
import type { DevicePlan, FaultEvent, FaultTimes, Plan } from './model.ts';
import { Stream, whole } from './random.ts';

/**
 * When a device loses its connection on purpose, in order of time and before the end of the run; without an end it goes on for ever. A disconnect of
 * `every 10m` comes at a time of each device's own; a reconnect storm hits all devices at once.
 */
export function* faultsOf(plan: Plan, device: DevicePlan): Generator<FaultEvent, void, undefined> {
  const { disconnect, reconnectStorm } = device.fleet.faults;
  const endMs = plan.load.forMs ?? Infinity;
  const startMs = startMsOf(plan, device);
  const phaseMs =
    disconnect?.kind === 'every' ? whole(new Stream(plan.seed, device.id, 'disconnect'), disconnect.everyMs) : 0;
  const own = times('disconnect', disconnect, startMs + phaseMs);
  const common = times(
    'reconnect-storm',
    reconnectStorm,
    reconnectStorm?.kind === 'every' ? reconnectStorm.everyMs : 0,
  );
  let [one, other] = [own.next().value, common.next().value];
  while (one !== undefined || other !== undefined) {
    const isOwn = other === undefined || (one !== undefined && one.atMs <= other.atMs);
    const next = (isOwn ? one : other) as FaultEvent;
    if (next.atMs >= endMs) return;
    if (next.atMs >= startMs) yield next;
    if (isOwn) one = own.next().value;
    else other = common.next().value;
  }
}

function* times(
  kind: FaultEvent['kind'],
  when: FaultTimes | undefined,
  firstMs: number,
): Generator<FaultEvent, undefined, undefined> {
  if (when === undefined) return undefined;
  const { forMs } = when;
  if (when.kind === 'at') yield { kind, atMs: when.atMs, forMs };
  else for (let atMs = firstMs; ; atMs += when.everyMs) yield { kind, atMs, forMs };
  return undefined;
}
