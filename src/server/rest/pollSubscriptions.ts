import type { Caller } from '../rights/caller.ts';
import type { Fields } from '../reading/fields.ts';
import { addSubscription, noAccessText, subscribeTo } from '../handlers/eventSubscriptions.ts';
import { writeJson } from '../reading/json.ts';
import { Refusal } from '../outcome.ts';
import { pushTo, resourceBounds } from '../pushText.ts';
import type { Command } from '../store/messages.ts';
import type { Subscriber, SessionSubscription } from '../subscriptions.ts';
import { commandView } from '../views.ts';
import { foundCommand } from './differences.ts';

/**
 * Returns a handler that subscribes a poll as its query says. A poll whose subscription could never hear of anything is
 * not subscribed, and so does not wait (PROTOCOL.md 10).
 */
export function awaitEvents(type: SessionSubscription['type']): (request: Fields, caller: Caller) => void {
  return (request, caller) => {
    try {
      subscribeTo(type, request, caller);
    } catch (error) {
      if (!(error instanceof Refusal) || error.message !== noAccessText) throw error;
    }
  };
}

/** Waits for an update of one command; ends at once where it was updated already or does not exist (PROTOCOL.md 10). */
export function awaitUpdate(request: Fields, caller: Caller): void {
  const command = foundCommand(request, caller);
  if (command === undefined) return;
  const subscription = updatesOf(command, caller);
  addSubscription(caller, subscription);
  if (command.isUpdated) pushTo([subscription], 'command/update', writeJson(commandView(command)));
}

function updatesOf({ id, deviceId, networkId, deviceTypeId }: Command, caller: Caller): SessionSubscription {
  const { hive } = caller;
  return {
    id: hive.subscriptions.newId(hive.clock.now()),
    type: 'command',
    event: 'command/update',
    requested: { deviceId, networkIds: null, deviceTypeIds: null, names: null, timestamp: null },
    reach: { kind: 'device', networkId: networkId ?? 0, deviceTypeId: deviceTypeId ?? 0, deviceId },
    names: null,
    subscriber: onlyOf(id, caller),
  };
}

/** Returns a subscriber that passes on only pushes about one command, whose id comes first in them. */
function onlyOf(commandId: number, caller: Caller): Subscriber {
  const start = `{"id":${commandId},`;
  return {
    line: caller.line,
    get isOver() {
      return caller.isOver;
    },
    push(text) {
      if (text.startsWith(start, resourceBounds(text)[0])) caller.push(text);
    },
    pushShared(shared, end) {
      const [from] = resourceBounds(shared);
      if (shared.toString('latin1', from, from + start.length) === start) caller.pushShared(shared, end);
    },
  };
}
