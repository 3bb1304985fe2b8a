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

/** What the real server says of a body that is not there (PROTOCOL.md 10). */
export function bodyMissing(text = 'Error! Validation failed: Object is null'): () => never {
  return () => refuse(400, text);
}

/** The same where it falls over it. */
export function bodyMissed(noun: string): () => never {
  return () => stumble(null, `${noun} is required`);
}

/** A property that is not there is told by the framework (PROTOCOL.md 10). */
export const getConfiguration: Handler<'configuration/get'> = (request, caller) => {
  try {
    return configuration.get(request, caller);
  } catch (error) {
    throw error instanceof Refusal && error.answer.code === 404 ? byFramework('Not Found', error) : error;
  }
};

/**
 * Tokens that are none, and those of users who may not come in, are told by the framework; there is no 500 for them as
 * over a WebSocket (PROTOCOL.md 4.7, 10).
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

/** A client who asks for somebody else is told 404 with a 403 (PROTOCOL.md 10). */
export const getUser: Handler<'user/get'> = (request, caller) => {
  const { isAdministrator, userId } = principalOf(caller);
  const wanted = request.long('userId');
  if (isAdministrator || wanted === userId) return user.get(request, caller);
  throw new OddRefusal({ status: 403 }, { code: 404, text: `User with id = ${wanted ?? ''} not found` });
};

/** Nothing is changed, and nothing is wrong with that if there is such a user (PROTOCOL.md 10). */
export const leaveUser: Handler<'user/update'> = (request, { hive }) => {
  user.existingUser(hive, request.long('userId') ?? 0);
  return {};
};

/**
 * A user of all device types has each of them (PROTOCOL.md 10); over a WebSocket only what is assigned counts (4.37).
 */
export const getDeviceType: Handler<'user/getDeviceType'> = (request, caller) => {
  const { hive } = caller;
  const deviceType = hive.deviceTypes.find(request.long('deviceTypeId') ?? 0);
  const { allDeviceTypesAvailable } = user.existingUser(hive, request.long('userId') ?? 0);
  return allDeviceTypesAvailable && deviceType !== undefined
    ? { deviceType: { deviceType: groupView(deviceType) } }
    : user.getDeviceType(request, caller);
};

/** Only those that the caller may see are counted, unlike over a WebSocket (PROTOCOL.md 4.26). */
export const countDeviceTypes: Handler<'devicetype/count'> = (request, caller) =>
  countGroups(request, countedGroups(caller, deviceTypes));

/** With `returnUpdatedCommands` a command counts only once it is updated (PROTOCOL.md 10). */
export const getCommand: Handler<'command/get'> = (request, caller) => {
  const found = foundCommand(request, caller);
  if (request.boolean('returnUpdatedCommands') === true && found?.isUpdated === false) return noCommand(request);
  return command.get(request, caller);
};

/** Unlike over a WebSocket it is told that there is no such command (PROTOCOL.md 4.12, 10). */
export const updateCommand: Handler<'command/update'> = (request, caller) =>
  foundCommand(request, caller) === undefined ? noCommand(request) : command.update(request, caller);

/** The command that a path names, if it is there. Refuses with 404 for the device, 500 for an id that is no number. */
export function foundCommand(request: Fields, caller: Caller): Command | undefined {
  const device = readableDevice(caller, request.text('deviceId') ?? '');
  const id = request.text('commandId') ?? '';
  if (wholeNumber(id, 64) === undefined) return stumble(`For input string: "${id}"`, 'Command id is wrong or empty');
  return caller.hive.commands.find(device.id, request.long('commandId') ?? 0, caller.hive.clock.now());
}

function noCommand(request: Fields): never {
  return refuse(404, `Command with id = ${request.text('commandId') ?? ''} not found`);
}

/** Names that only the server itself may use over REST (PROTOCOL.md 10). */
const specialNames: ReadonlySet<string> = new Set(['$device-add', '$device-update']);

/** A name is missed in other words, and some are not allowed (PROTOCOL.md 10). */
export const insertNotification: Handler<'notification/insert'> = (request, caller) => {
  const name = request.object('notification')?.text('notification');
  if (name === undefined) return refuse(400, unreadableText);
  if (specialNames.has(name)) {
    return refuse(403, "It's forbidden to insert these special notifications: $device-update, $device-add.");
  }
  return notification.insert(request, caller);
};
