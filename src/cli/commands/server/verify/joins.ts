import type { Frame } from '../../../../protocol/frames.ts';
import type { Scenario } from './scenario.ts';

/**
 * True if a request may make a thread of the real server wait, which freezes it beside replies or pushes to two other
 * connections (PROTOCOL.md 7, Q41): whose networks or device types the token knows is not looked at.
 */
export function mayJoin({ action, ...fields }: Frame): boolean {
  if (action === 'command/get') return true;
  const isSubscribe = typeof action === 'string' && action.endsWith('/subscribe');
  const hasBothLists = 'networkIds' in fields && 'deviceTypeIds' in fields;
  return isSubscribe && !('deviceId' in fields) && !hasBothLists;
}

/** True if nothing else may go on while a scenario is played. */
export function isPlayedAlone({ alone, steps }: Scenario): boolean {
  return alone === true || steps.some(({ send }) => send !== undefined && mayJoin(send));
}
