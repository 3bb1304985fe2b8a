import type { Frame } from '../../../../protocol/frames.ts';
import type { Scenario } from './scenario.ts';

/**
 * True if a request may make a thread of the real server wait, which freezes it if replies or pushes go to two other
 * connections meanwhile (PROTOCOL.md 7, Q41). The token's networks and device types are not considered.
 */
export function mayJoin({ action, ...fields }: Frame): boolean {
  if (action === 'command/get') return true;
  const isSubscribe = typeof action === 'string' && action.endsWith('/subscribe');
  const hasBothLists = 'networkIds' in fields && 'deviceTypeIds' in fields;
  return isSubscribe && !('deviceId' in fields) && !hasBothLists;
}

/** True if a scenario must be played alone. */
export function isPlayedAlone({ alone, steps }: Scenario): boolean {
  return alone === true || steps.some(({ send }) => send !== undefined && mayJoin(send));
}
