import { isFrame, type Frame } from '../../../protocol/frames.ts';
import type { ActionName } from '../../../protocol/schema.ts';
import type { Flag } from '../../flags/flags.ts';

/** The object that an insert creates, by action; the next request is likely about it. */
const made: Readonly<Record<string, string>> = {
  'command/insert': 'commandId',
  'notification/insert': 'notificationId',
  'network/insert': 'networkId',
  'devicetype/insert': 'deviceTypeId',
  'user/insert': 'userId',
};

/**
 * The ids last used or created, by the last name of their field's path: Enter alone fills a required field with them.
 */
export class UsedIds {
  readonly #ids = new Map<string, unknown>();

  /** Keeps the ids of a successful request, and that of the created thing. */
  keep(action: ActionName, values: ReadonlyMap<Flag, unknown>, reply: Frame): void {
    for (const [flag, value] of values) {
      const name = nameOf(flag);
      if (!/Id$/.test(name)) continue;
      // Ids of messages are those of a device.
      if (name === 'deviceId' && value !== this.#ids.get(name)) {
        this.#ids.delete('commandId');
        this.#ids.delete('notificationId');
      }
      this.#ids.set(name, value);
    }
    const madeName = made[action];
    const thing = Object.values(reply).find(isFrame);
    if (madeName !== undefined && thing?.['id'] !== undefined) this.#ids.set(madeName, thing['id']);
  }

  /** Returns a likely value for a required field. */
  valueOf(flag: Flag): unknown {
    return flag.required && !flag.repeatable ? this.#ids.get(nameOf(flag)) : undefined;
  }
}

function nameOf({ path }: Flag): string {
  return path.at(-1) ?? '';
}
