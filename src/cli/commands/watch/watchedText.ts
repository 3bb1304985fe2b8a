import type { Conversation } from '../../target/conversation.ts';
import { spokenDuration } from '../../../protocol/notation/spokenDuration.ts';
import { cutText } from '../../terminal/safeText.ts';
import type { WatchPlan } from './plan.ts';

/** Returns the line that says what is watched, where, for how long, and which keys end it. */
export function watchedText(plan: WatchPlan, { connection, embedded }: Conversation, endKeys: string): string {
  const where = `${connection.url}${embedded ? ' (embedded in this command)' : ''}`;
  const time = plan.forMs === undefined ? '' : ` for ${spokenDuration(plan.forMs)}`;
  return `watching ${whatOf(plan)} of ${whoseOf(plan)} on ${where}${time}; ${endKeys} end${endKeys.includes(' ') ? '' : 's'}`;
}

function whatOf({ action, isUpdates, payload }: WatchPlan): string {
  const named = textsOf(payload['names']);
  const names = named.length === 0 ? '' : ` (${listed(named, 'names')})`;
  if (isUpdates) return `updates of commands${names}`;
  return `${action === 'command/subscribe' ? 'commands' : 'notifications'}${names}`;
}

function whoseOf({ payloads, payload }: WatchPlan): string {
  const devices = payloads.flatMap(({ deviceId }) => textsOf(deviceId));
  if (devices.length > 0) return listed(devices, 'devices');
  const networks = textsOf(payload['networkIds']);
  const types = textsOf(payload['deviceTypeIds']);
  const places = [
    ...(networks.length === 0 ? [] : [`of ${listed(networks, 'networks', 'network ')}`]),
    ...(types.length === 0 ? [] : [`of ${listed(types, 'device types', 'device type ')}`]),
  ];
  return places.length === 0 ? 'all devices' : `all devices ${places.join(' and ')}`;
}

function textsOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one) => typeof one === 'string' || typeof one === 'number').map(String);
}

/** Returns a few names, or the number of many. */
function listed(names: readonly string[], what: string, before = ''): string {
  if (names.length > 3) return `${names.length} ${what}`;
  return `${before}${names.map((name) => cutText(name)).join(', ')}`;
}
