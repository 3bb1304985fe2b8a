import { denied, isAssigned } from '../access.ts';
import { principalOf, type Caller, type Nothing } from '../caller.ts';
import type { Fields } from '../fields.ts';
import type { Long } from '../integers.ts';
import { writeJson } from '../json.ts';
import { refuse, silent } from '../outcome.ts';
import { includes, isNone, type Ids, type Principal } from '../principal.ts';
import type { Device } from '../store/devices.ts';
import { pushTo, type EventName, type Filter, type RequestedFilter, type Subscription } from '../subscriptions.ts';
import { commandView, notificationView } from '../views.ts';
import { deviceTypes, isAssignedGroup, listedGroups, networks, type GroupKind } from './groups.ts';
import { isAmong } from './messageList.ts';

type SubscriptionType = Subscription['type'];

/** What a subscribe asks for besides its filter. */
interface Wanted extends RequestedFilter {
  readonly isForUpdates: boolean;
  /** How much of the past at most. */
  readonly limit: number;
}

/** The real server's own limit for the past of notifications (protocol.md 4.20). */
const notificationLimit = 100;

/** command/subscribe and notification/subscribe (protocol.md 4.15, 4.20). */
export function subscribeTo(type: SubscriptionType, request: Fields, caller: Caller): { subscriptionId: number } {
  const wanted = readWanted(type, request);
  if (wanted.deviceId === '') return refuse(400, 'Device id is wrong or empty');
  const filters = filtersOf(caller, wanted);
  if (filters.length === 0) return refuse(403, 'No access to any device type or network');
  const isUnanswerable = wanted.limit < 0 && wanted.timestamp !== null;
  if (isUnanswerable && caller.hive.answerAll) return silent(400, 'Invalid request parameters');
  const subscription = register(type, wanted, filters, caller);
  if (isUnanswerable) return silent(400, 'Invalid request parameters');
  if (wanted.deviceId !== null && wanted.timestamp !== null) {
    caller.afterReply(() => replay(subscription, wanted, caller));
  }
  return { subscriptionId: subscription.id };
}

/** command/unsubscribe and notification/unsubscribe (protocol.md 4.16, 4.20). */
export function unsubscribeFrom(type: SubscriptionType, request: Fields, caller: Caller): Nothing {
  const subscriptionId = request.long('subscriptionId');
  const own = [...(caller.subscriptions?.values() ?? [])].filter((subscription) => subscription.type === type);
  const ended = subscriptionId === undefined ? own : own.filter(({ id }) => id === subscriptionId);
  if (subscriptionId !== undefined && ended.length === 0) {
    return refuse(404, `Subscription with id ${subscriptionId} was not found`);
  }
  for (const subscription of ended) {
    caller.hive.subscriptions.remove(subscription);
    caller.subscriptions?.delete(subscription.id);
  }
  return {};
}

function readWanted(type: SubscriptionType, request: Fields): Wanted {
  const isCommand = type === 'command';
  return {
    deviceId: request.text('deviceId') ?? null,
    networkIds: idList(request.castLongs('networkIds')),
    deviceTypeIds: idList(request.castLongs('deviceTypeIds')),
    names: unique(isCommand ? request.castTexts('names') : request.texts('names')),
    timestamp: request.timestamp('timestamp') ?? null,
    isForUpdates: isCommand && request.boolean('returnUpdatedCommands') === true,
    limit: isCommand ? (request.integer('limit') ?? 20) : notificationLimit,
  };
}

function idList(ids: readonly Long[] | undefined): number[] | null {
  return unique(ids?.map(Number));
}

function unique<T>(items: readonly T[] | undefined): T[] | null {
  return items === undefined ? null : [...new Set(items)];
}

/** The combinations to listen to, fixed for good (protocol.md 5.4); none where the principal has no network or no type. */
function filtersOf(caller: Caller, wanted: Wanted): Filter[] {
  const principal = principalOf(caller);
  const networkIds = reachable(caller, networks, wanted.networkIds, principal.networks);
  const deviceTypeIds = reachable(caller, deviceTypes, wanted.deviceTypeIds, principal.deviceTypes);
  if (isNone(networkIds) || isNone(deviceTypeIds)) return [];
  const names: readonly (string | null)[] = wanted.names ?? [null];
  if (wanted.deviceId !== null) {
    const device = subscribable(caller, principal, wanted.deviceId);
    const { id: deviceId, networkId, deviceTypeId } = device;
    return names.map((name) => ({ networkId, deviceTypeId, deviceId, name }));
  }
  const isLeak = caller.hive.strict && !principal.isAdministrator;
  if (networkIds === 'all' && deviceTypeIds === 'all' && !isLeak) {
    return names.map((name) => ({ networkId: null, deviceTypeId: null, deviceId: null, name }));
  }
  const anyNames = names.length === 0 ? [null] : names;
  const types = present(caller, deviceTypes, deviceTypeIds);
  return present(caller, networks, networkIds).flatMap((networkId) =>
    types.flatMap((deviceTypeId) => anyNames.map((name) => ({ networkId, deviceTypeId, deviceId: null, name }))),
  );
}

/** The ids asked for, if all of them may be used, else those of the token. */
function reachable(caller: Caller, kind: GroupKind, wanted: readonly number[] | null, ofToken: Ids): Ids {
  if (wanted === null || wanted.length === 0) return ofToken;
  const isUsable = (id: number) => {
    const group = kind.store(caller.hive).find(id);
    return group !== undefined && includes(ofToken, id) && isAssignedGroup(caller, kind, id);
  };
  if (wanted.every(isUsable)) return new Set(wanted);
  if (!principalOf(caller).isAdministrator) return denied();
  return refuse(404, `${kind.plural} with such ${kind.idField}s wasn't found: {[${wanted.join(', ')}]}`);
}

/** These ids, or all that there are now. */
function present(caller: Caller, kind: GroupKind, ids: Ids): number[] {
  return ids === 'all' ? listedGroups(caller, kind).map(({ id }) => id) : [...ids];
}

function subscribable(caller: Caller, principal: Principal, deviceId: string): Device {
  const device = caller.hive.devices.find(deviceId);
  if (device !== undefined && isAssigned(caller.hive, principal, device)) return device;
  if (!principal.isAdministrator) return denied();
  return refuse(404, `Device with such deviceId = ${deviceId} not found`);
}

function register(type: SubscriptionType, wanted: Wanted, filters: Filter[], caller: Caller): Subscription {
  const { deviceId, networkIds, deviceTypeIds, names, timestamp } = wanted;
  const subscription: Subscription = {
    id: caller.hive.subscriptions.newId(caller.hive.clock.now()),
    type,
    event: eventOf(type, wanted.isForUpdates),
    requested: { deviceId, networkIds, deviceTypeIds, names, timestamp },
    filters,
    subscriber: caller,
  };
  caller.hive.subscriptions.add(subscription);
  caller.subscriptions ??= new Map();
  caller.subscriptions.set(subscription.id, subscription);
  return subscription;
}

function eventOf(type: SubscriptionType, isForUpdates: boolean): EventName {
  if (type === 'notification') return 'notification/insert';
  return isForUpdates ? 'command/update' : 'command/insert';
}

/** Pushes what happened since `timestamp`, the oldest first: once for each name asked for, as the real server does (protocol.md 5.6). */
function replay(subscription: Subscription, wanted: Wanted, { hive }: Caller): void {
  const { deviceId, timestamp, names, limit } = wanted;
  if (deviceId === null || timestamp === null) return;
  const nowMs = hive.clock.now();
  const isWanted = (at: number, name: string | null) => at >= timestamp && (names === null || isAmong(names, name));
  const past =
    subscription.type === 'command'
      ? hive.commands
          .ofDevice(deviceId, nowMs)
          .filter((command) => isWanted(command.timestamp, command.command))
          .filter(({ isUpdated }) => isUpdated || !wanted.isForUpdates)
          .map(commandView)
      : hive.notifications
          .ofDevice(deviceId, nowMs)
          .filter((notification) => isWanted(notification.timestamp, notification.notification))
          .map(notificationView);
  const resources = past.slice(0, limit).map(writeJson);
  for (let copy = 0; copy < (names?.length ?? 1); copy++) {
    for (const resource of resources) pushTo([subscription], subscription.event, resource);
  }
}
