import { JsonText } from '../reading/jsonValues.ts';
import {
  bodyMissed,
  bodyMissing,
  countDeviceTypes,
  getCommand,
  getConfiguration,
  getDeviceType,
  getUser,
  insertNotification,
  leaveUser,
  restRefreshToken,
  updateCommand,
} from './differences.ts';
import {
  described,
  filledText,
  flag,
  integer,
  long,
  lowerText,
  notNegative,
  anyText,
  textLike,
  textOr,
  texts,
  timeOrNow,
  waitTimeout,
} from './parameters.ts';
import { poll, route, type RequestAddress, type RestRoute } from './route.ts';
import { commandBody, deviceBody, groupFields, notificationBody, outcomeBody, rightsBody, userBody } from './shapes.ts';
import { awaitEvents, awaitUpdate } from './pollSubscriptions.ts';

/** How many entities a list returns: all of them by default (PROTOCOL.md 7, Q19). */
const all = described(integer({ byDefault: 0x7fffffff }), 'How many at most; all unless told otherwise.');
const sorting = { sortField: lowerText, sortOrder: anyText };
const named = { name: anyText, namePattern: anyText };
const deviceFilter = { ...named, networkId: long, networkName: anyText };
const userFilter = { login: anyText, loginPattern: anyText, role: integer(), status: integer() };
const groupList = { parameters: { ...named, ...sorting, take: notNegative(all), skip: integer() } };
const messageList = {
  start: anyText,
  end: anyText,
  sortField: textOr('timestamp'),
  sortOrder: anyText,
  take: described(integer({ byDefault: 100, whenEmpty: 0 }), 'How many at most.'),
  skip: integer(),
};
const waiting = { timestamp: timeOrNow, names: texts, waitTimeout };
const waitingAnywhere = { ...waiting, deviceId: anyText, networkIds: texts, deviceTypeIds: texts };
const limit = notNegative(integer({ byDefault: 100 }), "Limit can't be less than 0.");
const notChecked = { target: undefined };
const checked = { target: 'device' } as const;

const idRule = textLike(/^[a-zA-Z0-9-]+$/, 'Device Id can only contain letters, digits and dashes.');
const nameRule = textLike(/^.{1,32}$/s, "Name cannot be empty. The name's length should not be more than 32 symbols.");

const info = route('GET /info', 'server/info', ({ info }, { webSocketServerUrl }: RequestAddress) => ({
  apiVersion: info.apiVersion,
  serverTimestamp: info.serverTimestamp,
  webSocketServerUrl,
}));

const device = '/device/{deviceId}';
const aCommand = `${device}/command/{commandId}`;
const userNetwork = '/user/{userId}/network/{networkId}';
const userDeviceType = '/user/{userId}/devicetype/{deviceTypeId}';
const allDeviceTypes = '/user/{userId}/devicetype/all';

const welcomeText =
  'The DeviceHive RESTful API is now running, please refer to documentation to get the list of available resources.';

/** A line of plain text, which the real server labels as JSON (PROTOCOL.md 10). */
const welcome: RestRoute = { ...info, path: '', type: 'text/plain', serve: () => new JsonText(welcomeText) };

/** Describes the service as an OpenAPI document. */
const document: RestRoute = { ...info, path: '/swagger.json', isDocument: true };

/** The routes of the frontend (PROTOCOL.md 10). */
export const frontendRoutes: readonly RestRoute[] = [
  welcome,
  document,
  info,
  route('GET /info/cache', 'server/cacheInfo', ({ cacheInfo }) => cacheInfo),
  route('GET /info/config/cluster', 'cluster/info', ({ clusterInfo }) => clusterInfo),

  route('GET /configuration/{name}', 'configuration/get', (reply) => reply.configuration, {
    handler: getConfiguration,
  }),
  route('PUT /configuration/{name}', 'configuration/put', (reply) => reply.configuration, {
    parameters: { name: nameRule },
    body: { fields: { value: 'text' } },
    withoutBody: bodyMissing(),
  }),
  route('DELETE /configuration/{name}', 'configuration/delete'),

  route('GET /network', 'network/list', ({ networks }) => networks, groupList),
  route('GET /network/count', 'network/count', (reply) => reply, { parameters: named }),
  route('GET /network/{networkId}', 'network/get', ({ network }) => network),
  route('POST /network', 'network/insert', ({ network }) => network, {
    body: { into: 'network', fields: groupFields },
    withoutBody: bodyMissed('Network'),
  }),
  route('PUT /network/{networkId}', 'network/update', undefined, {
    body: { into: 'network', fields: groupFields },
  }),
  route('DELETE /network/{networkId}', 'network/delete', undefined, { parameters: { force: flag } }),

  route('GET /devicetype', 'devicetype/list', ({ deviceTypes }) => deviceTypes, groupList),
  route('GET /devicetype/count', 'devicetype/count', (reply) => reply, {
    parameters: named,
    handler: countDeviceTypes,
  }),
  route('GET /devicetype/{deviceTypeId}', 'devicetype/get', ({ deviceType }) => deviceType),
  route('POST /devicetype', 'devicetype/insert', ({ deviceType }) => deviceType, {
    body: { into: 'deviceType', fields: groupFields },
    withoutBody: bodyMissed('Device type'),
  }),
  route('PUT /devicetype/{deviceTypeId}', 'devicetype/update', undefined, {
    body: { into: 'deviceType', fields: groupFields },
  }),
  route('DELETE /devicetype/{deviceTypeId}', 'devicetype/delete', undefined, { parameters: { force: flag } }),

  route('GET /device', 'device/list', ({ devices }) => devices, {
    parameters: { ...deviceFilter, ...sorting, take: notNegative(all), skip: notNegative(integer()) },
  }),
  route('GET /device/count', 'device/count', (reply) => reply, { parameters: deviceFilter }),
  route(`GET ${device}`, 'device/get', (reply) => reply.device),
  route(`PUT ${device}`, 'device/save', undefined, {
    parameters: { deviceId: idRule },
    body: deviceBody,
    withoutBody: bodyMissing('Error! Validation failed: \nObject is null'),
  }),
  route(`DELETE ${device}`, 'device/delete'),

  route('GET /user', 'user/list', ({ users }) => users, {
    parameters: { ...userFilter, ...sorting, take: all, skip: integer() },
  }),
  route('GET /user/count', 'user/count', (reply) => reply, { parameters: userFilter }),
  route('GET /user/current', 'user/getCurrent', ({ current }) => current),
  route('GET /user/{userId}', 'user/get', ({ user }) => user, { handler: getUser }),
  route('POST /user', 'user/insert', ({ user }) => user, { body: userBody, withoutBody: bodyMissing() }),
  route('PUT /user/current', 'user/updateCurrent', undefined, { body: userBody, withoutBody: () => ({}) }),
  route('PUT /user/{userId}', 'user/update', undefined, { body: userBody, withoutBody: leaveUser }),
  route('DELETE /user/{userId}', 'user/delete'),

  route(`GET ${userNetwork}`, 'user/getNetwork', ({ network }) => network),
  route(`PUT ${userNetwork}`, 'user/assignNetwork'),
  route(`DELETE ${userNetwork}`, 'user/unassignNetwork'),
  route('GET /user/{userId}/devicetype', 'user/getDeviceTypes', ({ deviceTypes }) => deviceTypes),
  route(`GET ${userDeviceType}`, 'user/getDeviceType', ({ deviceType }) => deviceType, { handler: getDeviceType }),
  route(`PUT ${userDeviceType}`, 'user/assignDeviceType'),
  route(`DELETE ${userDeviceType}`, 'user/unassignDeviceType'),
  route(`PUT ${allDeviceTypes}`, 'user/allowAllDeviceTypes'),
  route(`DELETE ${allDeviceTypes}`, 'user/disallowAllDeviceTypes'),

  route(`GET ${device}/command`, 'command/list', ({ commands }) => commands, {
    parameters: { ...messageList, command: filledText, status: anyText },
  }),
  route(`POST ${device}/command`, 'command/insert', ({ command }) => command, {
    body: commandBody,
    tellsTime: true,
    withoutBody: bodyMissing(),
  }),
  route(`GET ${aCommand}`, 'command/get', ({ command }) => command, {
    parameters: { returnUpdatedCommands: described(flag, 'Only if it was updated.') },
    handler: getCommand,
  }),
  route(`PUT ${aCommand}`, 'command/update', undefined, {
    parameters: { commandId: long },
    body: outcomeBody,
    handler: updateCommand,
  }),
  poll(`${aCommand}/poll`, 'command/get', awaitUpdate, {
    gives: 'one',
    parameters: { waitTimeout },
  }),
  poll(`${device}/command/poll`, 'command/subscribe', awaitEvents('command'), {
    gives: 'all',
    parameters: { ...waiting, limit, returnUpdatedCommands: flag },
  }),
  poll('/device/command/poll', 'command/subscribe', awaitEvents('command'), {
    gives: 'all',
    parameters: { ...waitingAnywhere, limit },
    ...notChecked,
  }),

  route(`GET ${device}/notification`, 'notification/list', ({ notifications }) => notifications, {
    parameters: { ...messageList, notification: filledText },
    ...checked,
  }),
  route(`POST ${device}/notification`, 'notification/insert', ({ notification }) => notification, {
    body: notificationBody,
    tellsTime: true,
    handler: insertNotification,
    withoutBody: bodyMissing(),
  }),
  route(`GET ${device}/notification/{notificationId}`, 'notification/get', ({ notification }) => notification, {
    ...checked,
  }),
  poll(`${device}/notification/poll`, 'notification/subscribe', awaitEvents('notification'), {
    gives: 'all',
    parameters: waiting,
  }),
  poll('/device/notification/poll', 'notification/subscribe', awaitEvents('notification'), {
    gives: 'all',
    parameters: waitingAnywhere,
    ...notChecked,
  }),
];

const tokenRoutes: readonly RestRoute[] = [
  route('POST /token', 'token', (tokens) => tokens, {
    body: { fields: { login: 'text', password: 'text' } },
    withoutBody: bodyMissing(),
  }),
  route('POST /token/create', 'token/create', (tokens) => tokens, { body: rightsBody }),
  route('POST /token/refresh', 'token/refresh', (tokens) => tokens, {
    body: { fields: { refreshToken: 'text' } },
    handler: restRefreshToken,
    withoutBody: bodyMissing(),
  }),
];

/** The routes of the auth service (PROTOCOL.md 10). */
export const authRoutes: readonly RestRoute[] = [document, info, ...tokenRoutes];

/**
 * The routes of the frontend behind the proxy of DeviceHive's Docker and Kubernetes installations, which passes
 * requests for tokens on to the auth service, so that clients need only one URL.
 */
export const proxyRoutes: readonly RestRoute[] = [...frontendRoutes, ...tokenRoutes];
