import { principalOf, type Handler } from '../rights/caller.ts';
import { includes, isNone } from '../rights/principal.ts';
import {
  countedGroups,
  countGroups,
  deleteGroup,
  groupWithDevices,
  insertGroup,
  listGroups,
  networks,
  requestedGroup,
  updateGroup,
} from './groups.ts';

/** Lists networks (PROTOCOL.md 4.26). */
export const list: Handler<'network/list'> = (request, caller) => ({
  networks: listGroups(request, caller, networks),
});

/** Counts the networks that the caller may see (PROTOCOL.md 4.26). */
export const count: Handler<'network/count'> = (request, caller) =>
  countGroups(request, countedGroups(caller, networks));

/**
 * Returns a network with its devices (PROTOCOL.md 4.27). As on the real server, a token without device types sees the
 * devices of all types, unless the server is exposed (7, Q33).
 */
export const get: Handler<'network/get'> = (request, caller) => {
  const { hive } = caller;
  const group = requestedGroup(request, caller, networks);
  const reach = principalOf(caller).deviceTypes;
  const isLeak = isNone(reach) && !hive.isExposed;
  const isShown = ({ deviceTypeId }: { deviceTypeId: number }) => isLeak || includes(reach, deviceTypeId);
  return { network: groupWithDevices(group, hive, networks, isShown) };
};

/** Creates a network (PROTOCOL.md 4.28). */
export const insert: Handler<'network/insert'> = (request, caller) => ({
  network: insertGroup(request, caller, networks),
});

/** Changes a network (PROTOCOL.md 4.29). */
export const update: Handler<'network/update'> = (request, caller) => updateGroup(request, caller, networks);

/** Deletes a network; with `force` also its devices (PROTOCOL.md 4.30). */
const remove: Handler<'network/delete'> = (request, caller) => deleteGroup(request, caller, networks);

export { remove as delete };
