import { parseTimestamp } from '../../../protocol/timestamps.ts';
import { oversize } from '../../harm/busSize.ts';
import type { JsonText } from '../../reading/jsonValues.ts';
import { retentionMs, type Command, type Message, type MessageStore, type Notification } from '../../store/messages.ts';
import { administratorRole } from '../../store/users.ts';
import type { Seed, Soil } from './problems.ts';
import { jsonOf } from './values.ts';

type SeedCommand = NonNullable<Seed['commands']>[number];
type NotificationEntry = NonNullable<Seed['notifications']>[number];

/** Adds commands, with the first administrator as their user. */
export function addCommands(soil: Soil, entries: readonly SeedCommand[]): void {
  const { hive } = soil;
  const userId = hive.users.all().find(({ role }) => role === administratorRole)?.id ?? 1;
  for (const [index, entry] of entries.entries()) {
    const message = messageOf(soil, hive.commands, entry, ['commands', index]);
    if (message === undefined) continue;
    const result = jsonOf(entry.result, soil, 'commands', index, 'result');
    const { command, lifetime = null, status = null } = entry;
    const rest = { command, userId, lifetime, status, result, isUpdated: false, lastUpdated: message.timestamp };
    const whole: Command = { ...message, ...rest };
    if (isSmall(soil, 'commands', index, command, whole.parameters, status, result))
      hive.commands.insert(whole, hive.clock.now());
  }
}

/** Adds notifications. */
export function addNotifications(soil: Soil, entries: readonly NotificationEntry[]): void {
  const { hive } = soil;
  for (const [index, entry] of entries.entries()) {
    const message = messageOf(soil, hive.notifications, entry, ['notifications', index]);
    if (message === undefined) continue;
    const whole: Notification = { ...message, notification: entry.notification };
    if (isSmall(soil, 'notifications', index, whole.notification, whole.parameters))
      hive.notifications.insert(whole, hive.clock.now());
  }
}

/** Returns the common part of a command or notification; undefined where a problem prevents it. */
function messageOf<T extends Message>(
  soil: Soil,
  store: MessageStore<T>,
  entry: SeedCommand | NotificationEntry,
  at: readonly [list: 'commands' | 'notifications', index: number],
): Message | undefined {
  const { hive, problems } = soil;
  const nowMs = hive.clock.now();
  const device = hive.devices.find(entry.deviceId);
  const parameters = jsonOf(entry.parameters, soil, ...at, 'parameters');
  const timestamp = entry.timestamp === undefined ? nowMs : parseTimestamp(String(entry.timestamp));
  if (timestamp === undefined) problems.tell('is not a time', ...at, 'timestamp');
  if (device === undefined) problems.tell(`must be an existing device, not ${entry.deviceId}`, ...at, 'deviceId');
  if (device === undefined || timestamp === undefined) return undefined;
  const { id: deviceId, networkId, deviceTypeId } = device;
  const id = entry.id ?? store.newId(deviceId);
  if (store.find(deviceId, id, nowMs) !== undefined) problems.tell(`occurs twice for ${deviceId}`, ...at, 'id');
  const expiresAt = entry.keep === true ? Infinity : nowMs + retentionMs;
  return { id, deviceId, networkId, deviceTypeId, timestamp, parameters, expiresAt };
}

/** True if the message fits on the bus; reports it as a problem otherwise, since the wire would refuse it too. */
function isSmall(
  { problems }: Soil,
  list: string,
  index: number,
  ...parts: readonly (JsonText | string | null)[]
): boolean {
  if (oversize(parts) === undefined) return true;
  problems.tell('is too large: a DeviceHive server stops working over more than about 1 MiB', list, index);
  return false;
}
