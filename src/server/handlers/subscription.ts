import { principalOf, type Handler } from '../rights/caller.ts';
import { setOf } from '../rights/permissions.ts';
import type { SessionSubscription } from '../subscriptions.ts';
import { optionalTimestamp } from '../views.ts';

/** The permission that shows subscriptions of each type. */
const neededFor = { command: setOf('GetDeviceCommand'), notification: setOf('GetDeviceNotification') };

/** Lists the session's subscriptions (PROTOCOL.md 4.21). */
export const list: Handler<'subscription/list'> = (request, caller) => {
  const type = request.text('type');
  const { permissions } = principalOf(caller);
  const isShown = (subscription: SessionSubscription) =>
    (type === undefined || subscription.type === type) && (permissions & neededFor[subscription.type]) !== 0;
  const own = [...(caller.subscriptions?.values() ?? [])].filter(isShown);
  return { subscriptions: own.map(subscriptionView) };
};

function subscriptionView({ id, type, requested }: SessionSubscription) {
  const { deviceId, networkIds, deviceTypeIds, names, timestamp } = requested;
  return {
    subscriptionId: id,
    type,
    deviceId,
    networkIds: copyOf(networkIds),
    deviceTypeIds: copyOf(deviceTypeIds),
    names: copyOf(names),
    timestamp: optionalTimestamp(timestamp),
  };
}

function copyOf<T>(items: readonly T[] | null): T[] | null {
  return items === null ? null : [...items];
}
