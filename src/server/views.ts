import type { Replies } from '../protocol/frames.ts';
import { formatTimestamp } from '../protocol/timestamps.ts';
import type { Wire } from './rights/caller.ts';
import type { Hive } from './hive.ts';
import type { Device } from './store/devices.ts';
import type { Group } from './store/groups.ts';
import type { Command, Notification } from './store/messages.ts';
import type { User } from './store/users.ts';

/** Returns a command as replies show it, with all its twelve keys (PROTOCOL.md 6.2). */
export function commandView(command: Command): Wire<Replies['command/get']['command']> {
  return {
    id: command.id,
    command: command.command,
    timestamp: formatTimestamp(command.timestamp),
    lastUpdated: formatTimestamp(command.lastUpdated),
    userId: command.userId,
    deviceId: command.deviceId,
    networkId: command.networkId,
    deviceTypeId: command.deviceTypeId,
    parameters: command.parameters,
    lifetime: command.lifetime,
    status: command.status,
    result: command.result,
  };
}

/** Returns a notification as replies show it, with all its seven keys (PROTOCOL.md 6.3). */
export function notificationView(notification: Notification): Wire<Replies['notification/get']['notification']> {
  return {
    id: notification.id,
    notification: notification.notification,
    deviceId: notification.deviceId,
    networkId: notification.networkId,
    deviceTypeId: notification.deviceTypeId,
    timestamp: formatTimestamp(notification.timestamp),
    parameters: notification.parameters,
  };
}

/** Returns a device as replies show it (PROTOCOL.md 6.4). */
export function deviceView(device: Device): Wire<Replies['device/get']['device']> {
  const { id, name, data, networkId, deviceTypeId, isBlocked } = device;
  return { id, name, data, networkId, deviceTypeId, isBlocked };
}

/** Returns a device as its network or device type lists it (PROTOCOL.md 6.4). */
export function memberView({
  id,
  name,
  data,
  isBlocked,
}: Device): Wire<Replies['network/get']['network']['devices'][number]> {
  return { id, name, data, isBlocked };
}

/** Returns a network or device type as lists show it (PROTOCOL.md 6.5). */
export function groupView({ id, name, description }: Group): Wire<Replies['network/list']['networks'][number]> {
  return { id, name, description };
}

/** Returns a user as lists show it (PROTOCOL.md 6.7, "listed"). */
export function listedUser(user: User): Wire<Replies['user/list']['users'][number]> {
  const { id, login, role, status } = user;
  return { id, login, role, status, ...userDetails(user) };
}

/** Returns a user with networks (PROTOCOL.md 6.7, "published"). */
export function publishedUser(user: User, hive: Hive): Wire<Replies['user/get']['user']> {
  const networks = [...user.networks].sort((one, other) => one - other).map((id) => hive.networks.find(id));
  return { networks: networks.filter((network) => network !== undefined).map(groupView), ...listedUser(user) };
}

/** Returns a user as the reply to its insert shows it (PROTOCOL.md 6.7, "submitted"). */
export function submittedUser(user: User): Wire<Replies['user/insert']['user']> {
  return { id: user.id, ...userDetails(user) };
}

function userDetails({ lastLogin, data, introReviewed, allDeviceTypesAvailable }: User) {
  return { lastLogin: optionalTimestamp(lastLogin), data, introReviewed, allDeviceTypesAvailable };
}

/** Returns a time, given in ms since 1970, as DeviceHive writes it; null stays null. */
export function optionalTimestamp(timeMs: number | null): string | null {
  return timeMs === null ? null : formatTimestamp(timeMs);
}
