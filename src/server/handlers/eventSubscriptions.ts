import { denied, mayUse } from '../rights/access.ts';
import { principalOf, type Caller, type Nothing } from '../rights/caller.ts';
import type { Fields } from '../reading/fields.ts';
import type { Long } from '../reading/integers.ts';
import { checkReplay } from '../harm/busSize.ts';
import type { JoiningRequest } from '../harm/joins.ts';
import { writeJson } from '../reading/json.ts';
import { maxListening } from '../limits.ts';
import { refuse, silent } from '../outcome.ts';
import { includes, isNone, type Ids, type Principal } from '../rights/principal.ts';
import type { Device } from '../store/devices.ts';
import { firstOf, type Command, type Message, type Notification } from '../store/messages.ts';
import { push, pushStart, type PushStart } from '../pushText.ts';
import {
  weightOf,
  type EventName,
  type Filter,
  type Reach,
  type RequestedFilter,
  type SessionSubscription,
} from '../subscriptions.ts';
import { commandView, notificationView } from '../views.ts';
import { deviceTypes, isAssignedGroup, listedGroups, networks, type GroupKind } from './groups.ts';

type SubscriptionType = SessionSubscription['type'];

/** The fields of a subscribe request. */
interface Wanted extends RequestedFilter {
  readonly isForUpdates: boolean;
  /** The most past messages to replay. */
  readonly limit: number;
}

const tooMuchText = `one session can listen to no more than ${maxListening} subscriptions, names, networks and device types`;

/** The most past notifications that the real server replays (PROTOCOL.md 4.20). */
const notificationLimit = 100;

/** The error text for a subscription that could never hear of anything (PROTOCOL.md 4.15). */
export const noAccessText = 'No access to any device type or network';

/** Serves command/subscribe and notification/subscribe (PROTOCOL.md 4.15, 4.20). Throws a Refusal. */
export function subscribeTo(type: SubscriptionType, request: Fields, caller: Caller): { subscriptionId: number } {
  const wanted = readWanted(type, request);
  if (wanted.deviceId === '') return refuse(400, 'Device id is wrong or empty');
  const filter = filterOf(type, caller, wanted);
  if (filter === undefined) return refuse(403, noAccessText);
  if (caller.listening + weightOf(filter) > maxListening) return refuse(413, tooMuchText);
  const isUnanswerable = wanted.limit < 0 && wanted.timestamp !== null;
  if (isUnanswerable && caller.hive.answerAll) return silent(400, 'Invalid request parameters');
  const past = pastOf(type, filter.reach, wanted, caller);
  checkReplay(caller.hive, `${type}/subscribe`, past);
  const subscription = register(type, wanted, filter, caller);
  if (isUnanswerable) return silent(400, 'Invalid request parameters');
  if (past.length > 0) caller.afterReply(() => replay(subscription, past, wanted.names?.length ?? 1, caller));
  return { subscriptionId: subscription.id };
}

/** Serves command/unsubscribe and notification/unsubscribe (PROTOCOL.md 4.16, 4.20). Throws a Refusal. */
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
    caller.listening -= weightOf(subscription);
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

/**
 * Returns the filter of a subscription, which never changes (PROTOCOL.md 5.4); undefined where it could never match,
 * for example because the principal has no network or no device type.
 */
function filterOf(type: SubscriptionType, caller: Caller, wanted: Wanted): Filter | undefined {
  const reach = reachOf(type, caller, wanted);
  if (reach === undefined) return undefined;
  const names = wanted.names === null ? null : new Set(wanted.names);
  if (names?.size !== 0) return { reach, names };
  // an empty list of names matches nothing, but every name with a reach of groups (PROTOCOL.md 4.15)
  return reach.kind === 'groups' ? { reach, names: null } : undefined;
}

function reachOf(type: SubscriptionType, caller: Caller, wanted: Wanted): Reach | undefined {
  const principal = principalOf(caller);
  const networkIds = reachable(caller, networks, wanted.networkIds, principal.networks);
  const deviceTypeIds = reachable(caller, deviceTypes, wanted.deviceTypeIds, principal.deviceTypes);
  if (isNone(networkIds) || isNone(deviceTypeIds)) return undefined;
  if (wanted.deviceId !== null) {
    const { id: deviceId, networkId, deviceTypeId } = subscribable(caller, principal, wanted.deviceId);
    return { kind: 'device', networkId, deviceTypeId, deviceId };
  }
  if (caller.runsInIoThread && (networkIds === 'all') !== (deviceTypeIds === 'all')) {
    caller.hive.joins.join(caller.line, joiningSubscribe(type, networkIds === 'all'));
  }
  const isLeak = caller.hive.isExposed && !principal.isAdministrator;
  if (networkIds === 'all' && deviceTypeIds === 'all' && !isLeak) return { kind: 'everything' };
  const reach = {
    kind: 'groups',
    networkIds: present(caller, networks, networkIds),
    deviceTypeIds: present(caller, deviceTypes, deviceTypeIds),
  } as const;
  return isNone(reach.networkIds) || isNone(reach.deviceTypeIds) ? undefined : reach;
}

/**
 * Describes a subscribe with networks but no device types, or the reverse: the real server reads the missing list while
 * it waits inside an I/O thread (PROTOCOL.md 7, Q41).
 */
function joiningSubscribe(type: SubscriptionType, lacksNetworks: boolean): JoiningRequest {
  const [known, missing] = lacksNetworks ? ['device types', 'networks'] : ['networks', 'device types'];
  return {
    action: `${type}/subscribe`,
    reason: `with ${known} but without ${missing} waits inside an I/O thread for the list of ${missing}`,
    instead: 'send both networkIds and deviceTypeIds, or a deviceId',
  };
}

/**
 * Returns the requested ids if the caller may use all of them, or those of the token where none are requested. Throws a
 * Refusal 403 or 404.
 */
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

/** Returns the ids, or for `all` those that exist now. */
function present(caller: Caller, kind: GroupKind, ids: Ids): ReadonlySet<number> {
  return ids === 'all' ? new Set(listedGroups(caller, kind).map(({ id }) => id)) : ids;
}

function subscribable(caller: Caller, principal: Principal, deviceId: string): Device {
  const device = caller.hive.devices.find(deviceId);
  if (device !== undefined && mayUse(caller.hive, principal, device)) return device;
  if (!principal.isAdministrator) return denied();
  return refuse(404, `Device with such deviceId = ${deviceId} not found`);
}

function register(type: SubscriptionType, wanted: Wanted, filter: Filter, caller: Caller): SessionSubscription {
  const { deviceId, networkIds, deviceTypeIds, names, timestamp } = wanted;
  const subscription: SessionSubscription = {
    id: caller.hive.subscriptions.newId(caller.hive.clock.now()),
    type,
    event: eventOf(type, wanted.isForUpdates),
    requested: { deviceId, networkIds, deviceTypeIds, names, timestamp },
    ...filter,
    subscriber: caller,
  };
  addSubscription(caller, subscription);
  return subscription;
}

/** Registers a subscription of the caller. */
export function addSubscription(caller: Caller, subscription: SessionSubscription): void {
  caller.hive.subscriptions.add(subscription);
  caller.subscriptions ??= new Map();
  caller.subscriptions.set(subscription.id, subscription);
  caller.listening += weightOf(subscription);
}

function eventOf(type: SubscriptionType, isForUpdates: boolean): EventName {
  if (type === 'notification') return 'notification/insert';
  return isForUpdates ? 'command/update' : 'command/insert';
}

/**
 * Pushes past messages, the oldest first, once for each requested name as the real server does, until the caller is
 * gone (PROTOCOL.md 5.6).
 */
function replay(subscription: SessionSubscription, past: readonly string[], copies: number, caller: Caller): void {
  const starts: PushStart[] = [];
  for (let copy = 0; copy < copies; copy++) {
    for (let index = 0; index < past.length; index++) {
      if (caller.isOver) return;
      push((starts[index] ??= pushStart(subscription.event, past[index] ?? '')), subscription);
    }
  }
}

/**
 * Returns the messages since `timestamp` as JSON, from the network and type that the subscription is bound to; thus
 * never `$device-add`, which has neither (PROTOCOL.md 5.5).
 */
function pastOf(type: SubscriptionType, reach: Reach, wanted: Wanted, { hive }: Caller): readonly string[] {
  const { timestamp, limit } = wanted;
  if (reach.kind !== 'device' || timestamp === null) return [];
  const { deviceId, networkId, deviceTypeId } = reach;
  const names = wanted.names === null ? null : new Set<string | null>(wanted.names);
  const isWanted = (message: Message, name: string | null) =>
    message.timestamp >= timestamp &&
    message.networkId === networkId &&
    message.deviceTypeId === deviceTypeId &&
    names?.has(name) !== false;
  const nowMs = hive.clock.now();
  if (type === 'notification') {
    const isPast = (notification: Notification) => isWanted(notification, notification.notification);
    return firstOf(hive.unordered(hive.notifications.ofDevice(deviceId, nowMs)), isPast, limit).map((notification) =>
      writeJson(notificationView(notification)),
    );
  }
  const isPast = (command: Command) =>
    isWanted(command, command.command) && (command.isUpdated || !wanted.isForUpdates);
  return firstOf(hive.unordered(hive.commands.ofDevice(deviceId, nowMs)), isPast, limit).map((command) =>
    writeJson(commandView(command)),
  );
}
