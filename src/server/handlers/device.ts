import { currentUser, isAssigned, readableDevice, visibleDevice } from '../rights/access.ts';
import { principalOf, type Caller, type Handler, type Nothing } from '../rights/caller.ts';
import { warnOfDevice } from '../harm/busSize.ts';
import type { Fields } from '../reading/fields.ts';
import { writeJson } from '../reading/json.ts';
import { JsonText } from '../reading/jsonValues.ts';
import { refuse, stumble } from '../outcome.ts';
import { counts, hasNothing, includes } from '../rights/principal.ts';
import type { Device } from '../store/devices.ts';
import { deviceView } from '../views.ts';
import { deleteDevice } from './groups.ts';
import { listed, readListing, readNameFilter } from './listing.ts';
import { publish, storeNotification } from './notification.ts';
import { refuseNul } from './validation.ts';

/** Returns one device (PROTOCOL.md 4.22). */
export const get: Handler<'device/get'> = (request, caller) => ({
  device: deviceView(visibleDevice(caller, request.text('deviceId') ?? deviceIdMissing())),
});

/** Lists devices that the token reaches (PROTOCOL.md 4.23). */
export const list: Handler<'device/list'> = (request, caller) => {
  const isWanted = readFilter(request, caller);
  const listing = readListing(request, ['name', 'status', 'network']);
  if (hasNothing(principalOf(caller))) return { devices: [] };
  const found = visibleDevices(caller).filter(isWanted);
  const sorted = listed(caller.hive.unordered(found), listing, {
    name: ({ name }) => name,
    network: ({ networkId }) => networkId,
  });
  return { devices: sorted.map(deviceView) };
};

/** Counts devices; the filter is that of `list` (PROTOCOL.md 4.23). */
export const count: Handler<'device/count'> = (request, caller) => ({
  count: visibleDevices(caller).filter(readFilter(request, caller)).length,
});

/** Creates or changes a device and announces that (PROTOCOL.md 4.24). */
export const save: Handler<'device/save'> = (request, caller) => {
  const fields = request.object('device');
  const change = fields && readChange(fields);
  const deviceId = request.text('deviceId') ?? deviceIdMissing();
  if (!/^[a-zA-Z0-9-]+$/.test(deviceId)) {
    return refuse(400, 'Device Id can only contain letters, digits and dashes.');
  }
  return applyChange(deviceId, change ?? stumble(null, 'Device is required'), caller);
};

/** Deletes a device and its subscriptions (PROTOCOL.md 4.25). */
const remove: Handler<'device/delete'> = (request, caller) => {
  deleteDevice(caller.hive, readableDevice(caller, request.text('deviceId') ?? deviceIdMissing()));
  return {};
};

export { remove as delete };

/**
 * Returns the devices that the caller's token reaches. A token without lists is not limited here; `list` returns
 * nothing for it.
 */
function visibleDevices(caller: Caller): Device[] {
  const { hive } = caller;
  const principal = principalOf(caller);
  const { networks, deviceTypes } = principal;
  return hive.devices
    .all()
    .filter(
      (device) =>
        counts(networks, device.networkId) &&
        counts(deviceTypes, device.deviceTypeId) &&
        isAssigned(hive, principal, device),
    );
}

function readFilter(request: Fields, { hive }: Caller): (device: Device) => boolean {
  const isNamed = readNameFilter(request);
  const networkId = request.long('networkId');
  const networkName = request.text('networkName');
  return (device) =>
    isNamed(device) &&
    (networkId === undefined || device.networkId === networkId) &&
    (networkName === undefined || hive.networks.find(device.networkId)?.name === networkName);
}

function readChange(fields: Fields) {
  return {
    name: fields.text('name'),
    data: fields.json('data') ?? null,
    networkId: fields.long('networkId'),
    deviceTypeId: fields.long('deviceTypeId'),
    isBlocked: fields.boolean('isBlocked'),
  };
}

type Change = ReturnType<typeof readChange>;

function applyChange(deviceId: string, change: Change, caller: Caller): Nothing {
  const { hive } = caller;
  const networkId = networkFor(change, caller);
  const deviceTypeId = deviceTypeFor(change, caller);
  const known = hive.devices.find(deviceId);
  if (known === undefined) {
    const { name, data, isBlocked = false } = change;
    const violations = violationsOf(name, deviceId);
    if (violations !== '') return refuse(400, violations);
    refuseNul(name);
    const device = { id: deviceId, name: name ?? '', data, networkId, deviceTypeId, isBlocked };
    admitAnnouncement('$device-add', deviceId, caller);
    hive.devices.add(device);
    announce('$device-add', device, caller);
    return {};
  }
  if (!isAssigned(hive, principalOf(caller), known)) return refuse(403, 'No access to device');
  const violations = violationsOf(change.name ?? known.name, deviceId);
  if (violations !== '') return stumble('Could not commit JPA transaction', violations);
  refuseNul(change.name);
  admitAnnouncement('$device-update', deviceId, caller);
  hive.devices.update(known, {
    name: change.name ?? known.name,
    data: change.data,
    networkId: change.networkId === undefined ? known.networkId : networkId,
    deviceTypeId: change.deviceTypeId === undefined ? known.deviceTypeId : deviceTypeId,
    isBlocked: change.isBlocked ?? known.isBlocked,
  });
  announce('$device-update', known, caller);
  return {};
}

/**
 * Returns the requested network, or the user's first; checked even where the device keeps its network (PROTOCOL.md
 * 4.24).
 */
function networkFor({ networkId }: Change, caller: Caller): number {
  const { hive } = caller;
  const assigned = currentUser(caller)?.networks ?? new Set<number>();
  if (networkId === undefined) return lowest(assigned) ?? refuse(403, 'No access to network!');
  const network = hive.networks.find(networkId) ?? refuse(400, 'Invalid request parameters');
  const isAllowed = principalOf(caller).isAdministrator || assigned.has(network.id);
  return isAllowed ? network.id : refuse(403, 'No access to network!');
}

function deviceTypeFor({ deviceTypeId }: Change, caller: Caller): number {
  const { deviceTypes } = caller.hive;
  if (deviceTypeId !== undefined)
    return deviceTypes.find(deviceTypeId)?.id ?? refuse(400, 'Invalid request parameters');
  const reach = principalOf(caller).deviceTypes;
  const ids = deviceTypes.all().map(({ id }) => id);
  return lowest(ids.filter((id) => includes(reach, id))) ?? refuse(403, 'No access to device type!');
}

function lowest(ids: Iterable<number>): number | undefined {
  return [...ids].sort((one, other) => one - other)[0];
}

function violationsOf(name: string | undefined, deviceId: string): string {
  const nameLength = name?.length ?? 1;
  return [
    name === undefined ? 'name field cannot be null.' : '',
    nameLength < 1 || nameLength > 128
      ? 'Field cannot be empty. The length of name should not be more than 128 symbols.'
      : '',
    deviceId.length > 48 ? 'Field cannot be empty. The length of guid should not be more than 48 symbols.' : '',
  ].join('');
}

/** The notification of a saved device. */
type Announcement = '$device-add' | '$device-update';

/**
 * Throws a Refusal 503 if the server is strict and the pushes about a saved device would freeze a real one; call it
 * before the device is stored.
 */
function admitAnnouncement(name: Announcement, deviceId: string, { hive, line }: Caller): void {
  const event = { event: 'notification/insert', networkId: null, deviceTypeId: null, deviceId, name } as const;
  hive.joins.admitPushes(line, hive.subscriptions.listenersTo(event));
}

/**
 * Stores and pushes a notification about a saved device. It has no network or type, so that only subscriptions to
 * everything receive it (PROTOCOL.md 5.5).
 */
function announce(notification: Announcement, device: Device, caller: Caller): void {
  const parameters = new JsonText(writeJson(deviceView(device)));
  warnOfDevice(caller.hive, notification, parameters);
  const stored = storeNotification(caller.hive, {
    deviceId: device.id,
    networkId: null,
    deviceTypeId: null,
    notification,
    timestamp: undefined,
    parameters,
  });
  caller.afterReply(() => publish(caller.hive, stored));
}

function deviceIdMissing(): never {
  return refuse(400, 'Device id is wrong or empty');
}
