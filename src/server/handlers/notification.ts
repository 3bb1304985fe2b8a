import { formatTimestamp } from '../../protocol/timestamps.ts';
import { looselyVisibleDevice, visibleDevice } from '../rights/access.ts';
import type { Handler } from '../rights/caller.ts';
import type { Fields } from '../reading/fields.ts';
import type { Hive } from '../hive.ts';
import type { Long } from '../reading/integers.ts';
import { writeJson } from '../reading/json.ts';
import type { JsonText } from '../reading/jsonValues.ts';
import { refuseOversize } from '../harm/busSize.ts';
import { Refusal, refuse } from '../outcome.ts';
import { pushTo } from '../pushText.ts';
import { retentionMs, type Notification } from '../store/messages.ts';
import { notificationView } from '../views.ts';
import { readMessageQuery, selectMessages } from './messageList.ts';
import { subscribeTo, unsubscribeFrom } from './eventSubscriptions.ts';

/** Stores a notification and pushes it to subscriptions (PROTOCOL.md 4.17). */
export const insert: Handler<'notification/insert'> = (request, caller) => {
  const fields = request.object('notification');
  const name = fields?.text('notification');
  const timestamp = fields?.timestamp('timestamp');
  const parameters = fields?.json('parameters') ?? null;
  if (name === undefined) return refuse(400, 'Notification is required');
  const device = visibleDevice(caller, request.text('deviceId') ?? deviceIdMissing());
  refuseOversize(caller.hive, 'notification/insert', 'a notification', name, parameters);
  const { id: deviceId, networkId, deviceTypeId } = device;
  const event = { event: 'notification/insert', networkId, deviceTypeId, deviceId, name } as const;
  caller.hive.joins.admitPushes(caller.line, caller.hive.subscriptions.listenersTo(event));
  const notification = storeNotification(caller.hive, {
    deviceId,
    networkId,
    deviceTypeId,
    notification: name,
    timestamp,
    parameters,
  });
  publish(caller.hive, notification);
  return { notification: { id: notification.id, timestamp: formatTimestamp(notification.timestamp) } };
};

/** Returns one notification (PROTOCOL.md 4.18). */
export const get: Handler<'notification/get'> = (request, caller) => {
  const deviceId = request.text('deviceId') ?? deviceIdMissing();
  const id = notificationId(request) ?? refuse(400, 'Notification id is wrong or empty');
  const device = looselyVisibleDevice(caller, deviceId);
  const notification = caller.hive.notifications.find(device.id, id, caller.hive.clock.now());
  return notification === undefined
    ? refuse(404, 'Requested notification not found')
    : { notification: notificationView(notification) };
};

/**
 * Lists the notifications of a device (PROTOCOL.md 4.19). The first of `deviceIds` takes precedence over `deviceId` and
 * must exist.
 */
export const list: Handler<'notification/list'> = (request, caller) => {
  const query = readMessageQuery(request, 'notification');
  const [deviceId = query.deviceId ?? deviceIdMissing()] = query.deviceIds;
  const device = looselyVisibleDevice(caller, deviceId);
  const nameOf = ({ notification }: Notification) => notification;
  const found = selectMessages(caller, device, query, {
    store: caller.hive.notifications,
    nameOf,
    sortKeys: { notification: nameOf },
  });
  return { notifications: query.page(found).map(notificationView) };
};

/** Subscribes to notifications (PROTOCOL.md 4.20). */
export const subscribe: Handler<'notification/subscribe'> = (request, caller) =>
  subscribeTo('notification', request, caller);

/** Ends one or all subscriptions to notifications (PROTOCOL.md 4.20). */
export const unsubscribe: Handler<'notification/unsubscribe'> = (request, caller) =>
  unsubscribeFrom('notification', request, caller);

/** The fields of a new notification. */
export interface NotificationDraft {
  readonly deviceId: string;
  /** Null for the announcements of device/save (PROTOCOL.md 5.5). */
  readonly networkId: number | null;
  readonly deviceTypeId: number | null;
  readonly notification: string;
  /** Ms since 1970; absent: now. */
  readonly timestamp: number | undefined;
  readonly parameters: JsonText | null;
}

/** Stores a notification for 120 s (PROTOCOL.md 6.9). */
export function storeNotification(hive: Hive, draft: NotificationDraft): Notification {
  const nowMs = hive.clock.now();
  const notification: Notification = {
    ...draft,
    id: hive.notifications.newId(draft.deviceId),
    timestamp: draft.timestamp ?? nowMs,
    expiresAt: nowMs + retentionMs,
  };
  hive.notifications.insert(notification, nowMs);
  return notification;
}

/** Pushes a notification to all subscriptions that listen to it. */
export function publish(hive: Hive, notification: Notification): void {
  const { networkId, deviceTypeId, deviceId, notification: name } = notification;
  const event = 'notification/insert';
  const listeners = hive.subscriptions.listenersTo({ event, networkId, deviceTypeId, deviceId, name });
  if (listeners !== undefined) pushTo(listeners, event, writeJson(notificationView(notification)));
}

function notificationId(request: Fields): Long | undefined {
  try {
    return request.long('notificationId');
  } catch (error) {
    if (error instanceof Refusal) return refuse(400, 'Notification id should be an integer value.');
    throw error;
  }
}

function deviceIdMissing(): never {
  return refuse(400, 'Device id is wrong or empty');
}
