import { readableDevice } from '../rights/access.ts';
import { principalOf, type Caller, type Handler } from '../rights/caller.ts';
import type { Fields } from '../reading/fields.ts';
import * as command from '../handlers/command.ts';
import * as configuration from '../handlers/configuration.ts';
import { countedGroups, countGroups, deviceTypes } from '../handlers/groups.ts';
import * as notification from '../handlers/notification.ts';
import * as token from '../handlers/token.ts';
import * as user from '../handlers/user.ts';
import { Refusal, refuse, stumble } from '../outcome.ts';
import type { Command } from '../store/messages.ts';
import { groupView } from '../views.ts';
import { OddRefusal } from './answers.ts';
import { unreadableText } from './bodies.ts';
import { wholeNumber } from './parameters.ts';

/** Returns a handler that refuses a missing body with 400, in the real server's words (PROTOCOL.md 10). */
export function bodyMissing(text = 'Error! Validation failed: Object is null'): () => never {
  return () => refuse(400, text);
}

/** Returns a handler for a missing body that makes the real server fail with a 500. */
export function bodyMissed(noun: string): () => never {
  return () => stumble(null, `${noun} is required`);
}

/** As over a WebSocket, except that the framework answers for a missing property (PROTOCOL.md 10). */
export const getConfiguration: Handler<'configuration/get'> = (request, caller) => {
  try {
    return configuration.get(request, caller);
  } catch (error) {
    throw error instanceof Refusal && error.answer.code === 404 ? byFramework('Not Found', error) : error;
  }
};

/**
 * As over a WebSocket, except that invalid tokens and tokens of inactive users get the framework's 401 in place of a
 * 500 (PROTOCOL.md 4.7, 10).
 */
export const restRefreshToken: Handler<'token/refresh'> = (request, caller) => {
  if (request.raw('refreshToken') === undefined) return stumble(null, 'Missing or invalid payload in request');
  try {
    return token.refresh(request, caller);
  } catch (error) {
    const isUnusable = error instanceof Refusal && error.kind === 'stumbled' && error.instead.code === 401;
    throw isUnusable ? byFramework('Unauthorized', error) : error;
  }
};

function byFramework(phrase: string, { instead }: Refusal): OddRefusal {
  return new OddRefusal({ phrase }, instead);
}

/**
 * As over a WebSocket, except that a client who asks for another user gets code 404 in the body and HTTP status 403
 * (PROTOCOL.md 10).
 */
export const getUser: Handler<'user/get'> = (request, caller) => {
  const { isAdministrator, userId } = principalOf(caller);
  const wanted = request.long('userId');
  if (isAdministrator || wanted === userId) return user.get(request, caller);
  throw new OddRefusal({ status: 403 }, { code: 404, text: `User with id = ${wanted ?? ''} not found` });
};

/** An update without a body: changes nothing, but the user must exist (PROTOCOL.md 10). */
export const leaveUser: Handler<'user/update'> = (request, { hive }) => {
  user.existingUser(hive, request.long('userId') ?? 0);
  return {};
};

/** A user of all device types has each of them (PROTOCOL.md 10); over a WebSocket only assigned ones count (4.37). */
export const getDeviceType: Handler<'user/getDeviceType'> = (request, caller) => {
  const { hive } = caller;
  const deviceType = hive.deviceTypes.find(request.long('deviceTypeId') ?? 0);
  const { allDeviceTypesAvailable } = user.existingUser(hive, request.long('userId') ?? 0);
  return allDeviceTypesAvailable && deviceType !== undefined
    ? { deviceType: { deviceType: groupView(deviceType) } }
    : user.getDeviceType(request, caller);
};

/** Counts only device types that the caller may see, unlike over a WebSocket (PROTOCOL.md 4.26). */
export const countDeviceTypes: Handler<'devicetype/count'> = (request, caller) =>
  countGroups(request, countedGroups(caller, deviceTypes));

/**
 * As over a WebSocket, but with `returnUpdatedCommands` a command that was not updated is not found (PROTOCOL.md 10).
 */
export const getCommand: Handler<'command/get'> = (request, caller) => {
  const found = foundCommand(request, caller);
  if (request.boolean('returnUpdatedCommands') === true && found?.isUpdated === false) return noCommand(request);
  return command.get(request, caller);
};

/** As over a WebSocket, but answers 404 for a missing command instead of staying silent (PROTOCOL.md 4.12, 10). */
export const updateCommand: Handler<'command/update'> = (request, caller) =>
  foundCommand(request, caller) === undefined ? noCommand(request) : command.update(request, caller);

/**
 * Returns the command that a path names, or undefined. Throws a Refusal: 404 for the device, 500 for an id that is not
 * a number.
 */
export function foundCommand(request: Fields, caller: Caller): Command | undefined {
  const device = readableDevice(caller, request.text('deviceId') ?? '');
  const id = request.text('commandId') ?? '';
  if (wholeNumber(id, 64) === undefined) return stumble(`For input string: "${id}"`, 'Command id is wrong or empty');
  return caller.hive.commands.find(device.id, request.long('commandId') ?? 0, caller.hive.clock.now());
}

function noCommand(request: Fields): never {
  return refuse(404, `Command with id = ${request.text('commandId') ?? ''} not found`);
}

/** Notifications that only the server itself may insert over REST (PROTOCOL.md 10). */
const specialNames: ReadonlySet<string> = new Set(['$device-add', '$device-update']);

/**
 * As over a WebSocket, but a missing name is refused in other words, and reserved names are refused (PROTOCOL.md 10).
 */
export const insertNotification: Handler<'notification/insert'> = (request, caller) => {
  const name = request.object('notification')?.text('notification');
  if (name === undefined) return refuse(400, unreadableText);
  if (specialNames.has(name)) {
    return refuse(403, "It's forbidden to insert these special notifications: $device-update, $device-add.");
  }
  return notification.insert(request, caller);
};
