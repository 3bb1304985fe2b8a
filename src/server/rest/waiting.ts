import type { Caller } from '../rights/caller.ts';
import type { Fields } from '../reading/fields.ts';
import { addSubscription, noAccessText, subscribeTo } from '../handlers/subscribing.ts';
import { writeJson } from '../reading/json.ts';
import { Refusal } from '../outcome.ts';
import { pushTo, resourceBounds } from '../pushText.ts';
import type { Command } from '../store/messages.ts';
import type { Subscriber, SessionSubscription } from '../subscriptions.ts';
import { commandView } from '../views.ts';
import { foundCommand } from './differences.ts';

/**
 * Subscribes a poll as its query says, and to what happens from now on where it names no time. Who could hear of
 * nothing does not wait (PROTOCOL.md 10).
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

/** Waits for an update of one command; not at all for one that is updated already, or not there (PROTOCOL.md 10). */
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

/** Lets only what is about one command pass: its id comes first in what is pushed. */
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
