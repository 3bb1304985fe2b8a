import type { ActionName } from '../protocol/schema.ts';
import type { CheckedField } from './rights/access.ts';
import type { Caller, Handler } from './rights/caller.ts';
import type { Fields } from './reading/fields.ts';
import { authenticate } from './handlers/authenticate.ts';
import * as cluster from './handlers/cluster.ts';
import * as command from './handlers/command.ts';
import * as configuration from './handlers/configuration.ts';
import * as device from './handlers/device.ts';
import * as devicetype from './handlers/devicetype.ts';
import * as network from './handlers/network.ts';
import * as notification from './handlers/notification.ts';
import * as server from './handlers/server.ts';
import * as subscription from './handlers/subscription.ts';
import * as token from './handlers/token.ts';
import * as user from './handlers/user.ts';
import { setOf, type Permission, type PermissionSet } from './rights/permissions.ts';

/** How the server serves one action. */
export interface Action<A extends ActionName = ActionName> {
  readonly handler: Handler<A>;
  /** Permissions of which one is needed; none: anybody may. */
  readonly needs: PermissionSet;
  readonly target: CheckedField | undefined;
  /**
   * Whether the real server replies from its message bus, later than to what comes after it (PROTOCOL.md 1.4). Throws a
   * Refusal as the handler does.
   */
  readonly isAsync: (request: Fields, caller: Caller) => boolean;
  /** Where the action is described. */
  readonly section: string;
}

/** What serves each action, and who may use it: the table of PROTOCOL.md 4.0. */
export const actions: { readonly [A in ActionName]: Action<A> } = {
  'server/info': open(server.info, '4.1'),
  'server/cacheInfo': open(server.cacheInfo, '4.2'),
  'cluster/info': open(cluster.info, '4.3'),
  authenticate: open(authenticate, '4.4'),
  token: open(token.login, '4.5'),
  'token/create': guarded(token.create, '4.6', 'ManageToken'),
  'token/refresh': open(token.refresh, '4.7'),
  'configuration/get': guarded(configuration.get, '4.8', 'ManageConfiguration'),
  'configuration/put': guarded(configuration.put, '4.9', 'ManageConfiguration'),
  'configuration/delete': guarded(configuration.remove, '4.10', 'ManageConfiguration'),
  'command/insert': overBus(guarded(command.insert, '4.11', 'CreateDeviceCommand', 'device')),
  'command/update': overBus(guarded(command.update, '4.12', 'UpdateDeviceCommand', 'device')),
  'command/get': guarded(command.get, '4.13', 'GetDeviceCommand', 'device'),
  'command/list': overBus(guarded(command.list, '4.14', 'GetDeviceCommand', 'device')),
  'command/subscribe': overBus(guarded(command.subscribe, '4.15', 'GetDeviceCommand', 'device')),
  'command/unsubscribe': overBus(guarded(command.unsubscribe, '4.16', 'GetDeviceCommand')),
  'notification/insert': overBus(guarded(notification.insert, '4.17', 'CreateDeviceNotification', 'device')),
  'notification/get': overBus(guarded(notification.get, '4.18', 'GetDeviceNotification')),
  'notification/list': overBus(guarded(notification.list, '4.19', 'GetDeviceNotification')),
  'notification/subscribe': overBus(guarded(notification.subscribe, '4.20', 'GetDeviceNotification', 'device')),
  'notification/unsubscribe': overBus(guarded(notification.unsubscribe, '4.20', 'GetDeviceNotification')),
  'subscription/list': {
    ...open(subscription.list, '4.21'),
    needs: setOf('GetDeviceCommand', 'GetDeviceNotification'),
  },
  'device/get': guarded(device.get, '4.22', 'GetDevice', 'device'),
  'device/list': overBus(guarded(device.list, '4.23', 'GetDevice')),
  'device/count': overBus(guarded(device.count, '4.23', 'GetDevice')),
  'device/save': guarded(device.save, '4.24', 'RegisterDevice'),
  'device/delete': guarded(device.remove, '4.25', 'RegisterDevice', 'device'),
  'network/list': overBus(guarded(network.list, '4.26', 'GetNetwork')),
  'network/count': overBus(guarded(network.count, '4.26', 'GetNetwork')),
  'network/get': guarded(network.get, '4.27', 'GetNetwork', 'network'),
  'network/insert': guarded(network.insert, '4.28', 'ManageNetwork'),
  'network/update': guarded(network.update, '4.29', 'ManageNetwork', 'network'),
  'network/delete': guarded(network.remove, '4.30', 'ManageNetwork', 'network'),
  'devicetype/list': overBus(guarded(devicetype.list, '4.26', 'GetDeviceType')),
  'devicetype/count': overBus(guarded(devicetype.count, '4.26', 'GetDeviceType')),
  'devicetype/get': guarded(devicetype.get, '4.27', 'GetDeviceType', 'deviceType'),
  'devicetype/insert': guarded(devicetype.insert, '4.28', 'ManageDeviceType'),
  'devicetype/update': guarded(devicetype.update, '4.29', 'ManageDeviceType', 'deviceType'),
  'devicetype/delete': guarded(devicetype.remove, '4.30', 'ManageDeviceType', 'deviceType'),
  'user/list': overBus(guarded(user.list, '4.31', 'ManageUser')),
  'user/count': overBus(guarded(user.count, '4.31', 'ManageUser')),
  'user/get': guarded(user.get, '4.32', 'ManageUser'),
  'user/getCurrent': guarded(user.getCurrent, '4.33', 'GetCurrentUser'),
  'user/insert': guarded(user.insert, '4.34', 'ManageUser'),
  'user/update': guarded(user.update, '4.35', 'ManageUser'),
  'user/updateCurrent': guarded(user.updateCurrent, '4.35', 'UpdateCurrentUser'),
  'user/delete': guarded(user.remove, '4.36', 'ManageUser'),
  'user/getNetwork': guarded(user.getNetwork, '4.37', 'GetNetwork'),
  'user/getDeviceType': guarded(user.getDeviceType, '4.37', 'GetDeviceType'),
  'user/assignNetwork': guarded(user.assignNetwork, '4.38', 'ManageNetwork'),
  'user/unassignNetwork': guarded(user.unassignNetwork, '4.38', 'ManageNetwork'),
  'user/getDeviceTypes': overBus(guarded(user.getDeviceTypes, '4.39', 'ManageDeviceType'), user.hasAllDeviceTypes),
  'user/assignDeviceType': guarded(user.assignDeviceType, '4.39', 'ManageDeviceType'),
  'user/unassignDeviceType': guarded(user.unassignDeviceType, '4.39', 'ManageDeviceType'),
  'user/allowAllDeviceTypes': guarded(user.allowAllDeviceTypes, '4.39', 'ManageDeviceType'),
  'user/disallowAllDeviceTypes': guarded(user.disallowAllDeviceTypes, '4.39', 'ManageDeviceType'),
};

/** Whether the server knows an action of this name; letter case counts (PROTOCOL.md 1.3). */
export function isServedAction(name: string): name is ActionName {
  return Object.hasOwn(actions, name);
}

function open<A extends ActionName>(handler: Handler<A>, section: string): Action<A> {
  return { handler, needs: 0, target: undefined, isAsync: never, section: `PROTOCOL.md ${section}` };
}

function guarded<A extends ActionName>(
  handler: Handler<A>,
  section: string,
  needed: Permission,
  target?: CheckedField,
): Action<A> {
  return { handler, needs: setOf(needed), target, isAsync: never, section: `PROTOCOL.md ${section}` };
}

function overBus<A extends ActionName>(action: Action<A>, isAsync: Action['isAsync'] = always): Action<A> {
  return { ...action, isAsync };
}

function never(): boolean {
  return false;
}

function always(): boolean {
  return true;
}
