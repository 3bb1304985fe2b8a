import { principalOf, type Handler } from '../caller.ts';
import { includes, isNone } from '../principal.ts';
import {
  countGroups,
  deleteGroup,
  groupWithDevices,
  insertGroup,
  isAssignedGroup,
  listGroups,
  networks,
  requestedGroup,
  updateGroup,
} from './groups.ts';

/** protocol.md 4.26 */
export const list: Handler<'network/list'> = (request, caller) => ({
  networks: listGroups(request, caller, networks),
});

/** protocol.md 4.26 */
export const count: Handler<'network/count'> = (request, caller) => {
  const reach = principalOf(caller).networks;
  const all = caller.hive.networks.all();
  const visible = all.filter(
    ({ id }) => (isNone(reach) || includes(reach, id)) && isAssignedGroup(caller, networks, id),
  );
  return countGroups(request, visible);
};

/** protocol.md 4.27 */
export const get: Handler<'network/get'> = (request, caller) => {
  const group = requestedGroup(request, caller, networks);
  const reach = principalOf(caller).deviceTypes;
  const isShown = ({ deviceTypeId }: { deviceTypeId: number }) => includes(reach, deviceTypeId);
  return { network: groupWithDevices(group, caller.hive, networks, isShown) };
};

/** protocol.md 4.28 */
export const insert: Handler<'network/insert'> = (request, caller) => ({
  network: insertGroup(request, caller, networks),
});

/** protocol.md 4.29 */
export const update: Handler<'network/update'> = (request, caller) => updateGroup(request, caller, networks);

/** protocol.md 4.30 */
export const remove: Handler<'network/delete'> = (request, caller) => deleteGroup(request, caller, networks);
