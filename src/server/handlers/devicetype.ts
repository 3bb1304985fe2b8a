import { principalOf, type Handler } from '../rights/caller.ts';
import { includes, isNone } from '../rights/principal.ts';
import {
  countGroups,
  deleteGroup,
  deviceTypes,
  groupWithDevices,
  insertGroup,
  listGroups,
  requestedGroup,
  updateGroup,
} from './groups.ts';

/** Lists device types (PROTOCOL.md 4.26). */
export const list: Handler<'devicetype/list'> = (request, caller) => ({
  deviceTypes: listGroups(request, caller, deviceTypes),
});

/** Counts all device types, whoever asks (PROTOCOL.md 4.26). */
export const count: Handler<'devicetype/count'> = (request, caller) =>
  countGroups(request, caller.hive.deviceTypes.all());

/**
 * Returns a device type with its devices (PROTOCOL.md 4.27). As on the real server, a token without networks sees the
 * devices of all networks, unless the server is exposed (7, Q33).
 */
export const get: Handler<'devicetype/get'> = (request, caller) => {
  const { hive } = caller;
  const group = requestedGroup(request, caller, deviceTypes);
  const reach = principalOf(caller).networks;
  const isLeak = isNone(reach) && !hive.isExposed;
  const isShown = ({ networkId }: { networkId: number }) => isLeak || includes(reach, networkId);
  return { deviceType: groupWithDevices(group, hive, deviceTypes, isShown) };
};

/** Creates a device type (PROTOCOL.md 4.28). */
export const insert: Handler<'devicetype/insert'> = (request, caller) => ({
  deviceType: insertGroup(request, caller, deviceTypes),
});

/** Changes a device type (PROTOCOL.md 4.29). */
export const update: Handler<'devicetype/update'> = (request, caller) => updateGroup(request, caller, deviceTypes);

/** Deletes a device type; with `force` also its devices (PROTOCOL.md 4.30). */
const remove: Handler<'devicetype/delete'> = (request, caller) => deleteGroup(request, caller, deviceTypes);

export { remove as delete };
