import { formatTimestamp } from '../../protocol/timestamps.ts';
import { readableDevice, visibleDevice } from '../rights/access.ts';
import { principalOf, type Caller, type Handler } from '../rights/caller.ts';
import type { JoiningRequest } from '../harm/joins.ts';
import { writeJson } from '../reading/json.ts';
import { refuseOversize } from '../harm/busSize.ts';
import { refuse, silent } from '../outcome.ts';
import { pushTo } from '../pushText.ts';
import type { Device } from '../store/devices.ts';
import { retentionMs, type Command } from '../store/messages.ts';
import type { Happening } from '../subscriptions.ts';
import { commandView } from '../views.ts';
import type { Fields } from '../reading/fields.ts';
import { readMessageQuery, selectMessages } from './messageList.ts';
import { subscribeTo, unsubscribeFrom } from './eventSubscriptions.ts';

/** Stores a command and pushes it to subscriptions (PROTOCOL.md 4.11). */
export const insert: Handler<'command/insert'> = (request, caller) => {
  const fields = request.castObject('command');
  const draft = fields && readDraft(fields);
  const device = visibleDevice(caller, request.text('deviceId') ?? deviceIdMissing());
  if (draft === undefined) return refuse(400, 'Command is required');
  const { subscriptions, joins } = caller.hive;
  const listeners = subscriptions.listenersTo(insertOf(device, draft));
  joins.admitPushes(caller.line, listeners);
  const command = store(caller, device, draft);
  if (listeners !== undefined) pushTo(listeners, 'command/insert', writeJson(commandView(command)));
  const timestamp = formatTimestamp(command.timestamp);
  return { command: { id: command.id, timestamp, lastUpdated: timestamp, userId: command.userId } };
};

/** Sets status and result of a command; its subscriptions learn of it after the reply (PROTOCOL.md 4.12). */
export const update: Handler<'command/update'> = (request, caller) => {
  const commandId = request.long('commandId');
  const fields = request.castObject('command');
  const change = fields && { status: fields.text('status'), result: fields.json('result') };
  if (commandId === undefined) return commandIdMissing();
  const { hive } = caller;
  const device = visibleDevice(caller, request.text('deviceId') ?? deviceIdMissing());
  const nowMs = hive.clock.now();
  const command = hive.commands.find(device.id, commandId, nowMs);
  if (command === undefined) return silent(404, `Command with id = ${commandId} not found`);
  if (change === undefined) return silent(400, 'Command is required');
  const { status = command.status, result = command.result } = change;
  refuseOversize(hive, 'command/update', 'a command', command.parameters, status, result);
  const listeners = hive.subscriptions.listenersTo(updateOf(command));
  hive.joins.admitPushes(caller.line, listeners);
  hive.commands.change(command, () => {
    command.status = status;
    command.result = result;
  });
  command.lastUpdated = nowMs;
  command.isUpdated = true;
  command.expiresAt = Math.max(command.expiresAt, nowMs + retentionMs);
  if (listeners !== undefined) {
    const resource = writeJson(commandView(command));
    caller.afterReply(() => pushTo(listeners, 'command/update', resource));
  }
  return {};
};

/** Why the real server's command/get may do harm, and what to send instead. */
const joiningGet: JoiningRequest = {
  action: 'command/get',
  reason: 'waits inside an I/O thread',
  instead: 'send command/list instead',
};

/** Returns one command (PROTOCOL.md 4.13). */
export const get: Handler<'command/get'> = (request, caller) => {
  const deviceId = request.text('deviceId') ?? deviceIdMissing();
  const commandId = request.long('commandId') ?? commandIdMissing();
  const device = readableDevice(caller, deviceId);
  if (caller.runsInIoThread) caller.hive.joins.join(caller.line, joiningGet);
  const command = caller.hive.commands.find(device.id, commandId, caller.hive.clock.now());
  return command === undefined
    ? refuse(404, `Command with id = ${commandId} not found`)
    : { command: commandView(command) };
};

/** Lists the commands of a device (PROTOCOL.md 4.14). */
export const list: Handler<'command/list'> = (request, caller) => {
  const query = readMessageQuery(request, 'command');
  const device = readableDevice(caller, query.deviceId ?? deviceIdMissing());
  const nameOf = ({ command }: Command) => command;
  const commands = selectMessages(caller, device, query, {
    store: caller.hive.commands,
    nameOf,
    sortKeys: { status: ({ status }) => status, command: nameOf },
  });
  return { commands: query.page(commands).map(commandView) };
};

/** Subscribes to new or updated commands (PROTOCOL.md 4.15). */
export const subscribe: Handler<'command/subscribe'> = (request, caller) => subscribeTo('command', request, caller);

/** Ends one or all subscriptions to commands (PROTOCOL.md 4.16). */
export const unsubscribe: Handler<'command/unsubscribe'> = (request, caller) =>
  unsubscribeFrom('command', request, caller);

type Draft = Pick<Command, 'command' | 'parameters' | 'lifetime' | 'status' | 'result'> & {
  readonly timestamp: number | undefined;
};

function readDraft(fields: Fields): Draft {
  return {
    command: fields.text('command') ?? null,
    timestamp: fields.timestamp('timestamp'),
    parameters: fields.json('parameters') ?? null,
    lifetime: fields.integer('lifetime') ?? null,
    status: fields.text('status') ?? null,
    result: fields.json('result') ?? null,
  };
}

function store(caller: Caller, device: Device, draft: Draft): Command {
  const { hive } = caller;
  refuseOversize(hive, 'command/insert', 'a command', draft.command, draft.parameters, draft.status, draft.result);
  const nowMs = hive.clock.now();
  const timestamp = draft.timestamp ?? nowMs;
  const command: Command = {
    ...draft,
    id: hive.commands.newId(device.id),
    timestamp,
    lastUpdated: timestamp,
    userId: principalOf(caller).userId,
    deviceId: device.id,
    networkId: device.networkId,
    deviceTypeId: device.deviceTypeId,
    isUpdated: false,
    expiresAt: nowMs + retentionMs,
  };
  hive.commands.insert(command, nowMs);
  return command;
}

function insertOf({ id: deviceId, networkId, deviceTypeId }: Device, { command: name }: Draft): Happening {
  return { event: 'command/insert', networkId, deviceTypeId, deviceId, name };
}

function updateOf({ networkId, deviceTypeId, deviceId, command: name }: Command): Happening {
  return { event: 'command/update', networkId, deviceTypeId, deviceId, name };
}

function deviceIdMissing(): never {
  return refuse(400, 'Device id is wrong or empty');
}

function commandIdMissing(): never {
  return refuse(400, 'Command id is wrong or empty');
}
