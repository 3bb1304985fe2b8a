import type { Frame } from '../../../../protocol/frames.ts';
import { own } from '../../../../protocol/own.ts';

/** Actions that change a thing: later requests about it depend on them. */
const changes = /\/(?:save|put|update|updateCurrent|delete|(?:un)?assign\w+|(?:dis)?allow\w+)$/;
/** Actions that create a thing, whether or not it existed. */
const makes = /^(?:device\/save|configuration\/put)$/;

/** Fields that name things, with the kind of thing. */
const fields: readonly (readonly [field: string, thing: string])[] = [
  ['deviceId', 'device'],
  ['commandId', 'command'],
  ['networkId', 'network'],
  ['deviceTypeId', 'device type'],
  ['userId', 'user'],
];

/**
 * The things that skipped requests would have created or changed, by their recorded names; later requests about them
 * are skipped too.
 */
export class Undone {
  readonly #things = new Set<string>();
  /** Nouns whose number of things differs from the recording. */
  readonly #nouns = new Set<string>();

  /** Notes a request that was not sent. */
  skipped(action: string, frame: Frame): void {
    const subject = changes.test(action) ? subjectOf(action, frame) : undefined;
    if (subject !== undefined) this.#things.add(subject);
    const noun = /^(\w+)\/(?:insert|save|delete)$/.exec(action)?.[1];
    if (noun !== undefined) this.#nouns.add(noun);
  }

  /** Notes an answered request. */
  answered(action: string, frame: Frame, isAsRecorded: boolean): void {
    const subject = makes.test(action) ? subjectOf(action, frame) : undefined;
    if (subject === undefined) return;
    if (isAsRecorded) this.#things.delete(subject);
    else this.#things.add(subject);
  }

  /** Returns the thing that a request needs and that is not as in the recording; undefined if there is none. */
  neededBy(action: string, frame: Frame): string | undefined {
    if (this.#things.size === 0) return undefined;
    const made = makes.test(action) ? subjectOf(action, frame) : undefined;
    return thingsOf(action, frame).find((thing) => thing !== made && this.#things.has(thing));
  }

  /** True if a request counts things, and some of them were not made or not deleted. */
  changes(action: string): boolean {
    const noun = /^(\w+)\/count$/.exec(action)?.[1];
    return noun !== undefined && this.#nouns.has(noun);
  }

  /** True if a command was not updated as in the recording. */
  hasCommand(id: unknown): boolean {
    return this.#things.has(`command ${String(id)}`);
  }
}

/** Returns the subject of a noun's actions: the device of `device/save`, the user of `user/assignNetwork`. */
function subjectOf(action: string, frame: Frame): string | undefined {
  const noun = action.split('/')[0]?.replace('devicetype', 'device type') ?? '';
  return thingsOf(action, frame).find((thing) => thing.startsWith(`${noun} `) || thing === `current ${noun}`);
}

function thingsOf(action: string, frame: Frame): string[] {
  const named = fields.filter(([field]) => (own(frame, field) ?? null) !== null);
  const things = named.map(([field, thing]) => `${thing} ${String(own(frame, field))}`);
  if (action.startsWith('configuration/')) things.push(`configuration ${String(frame['name'])}`);
  if (/^user\/\w+Current$/.test(action)) things.push('current user');
  return things;
}
