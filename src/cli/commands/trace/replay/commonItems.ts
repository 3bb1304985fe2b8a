import { agree } from '../../../../protocol/recordings/agreement.ts';
import type { Bindings } from '../../../../protocol/recordings/bindings.ts';
import { isFrame, type Frame } from '../../../../protocol/frames.ts';
import { own } from '../../../../protocol/own.ts';

/** One reply as it was recorded, its pattern, and as it is now. */
interface Lists {
  readonly recorded: Frame;
  readonly pattern: Frame;
  readonly received: Frame;
}

/**
 * Binds the ids of items that two differing lists share: networks and device types by name, users by login, and items
 * that are equal but for ids chosen by the server. An item with several candidates stays unbound, unless one has the
 * same id.
 */
export function bindCommonItems({ recorded, pattern, received }: Lists, bindings: Bindings): void {
  for (const [name, items] of Object.entries(pattern)) {
    const [before, now] = [own(recorded, name), own(received, name)];
    if (!Array.isArray(items) || !Array.isArray(before) || !Array.isArray(now)) continue;
    const left = new Set<unknown>(now);
    for (const [index, item] of items.entries()) bindItem(item, before[index], left, bindings);
  }
}

function bindItem(pattern: unknown, recorded: unknown, left: Set<unknown>, bindings: Bindings): void {
  const same = counterpart(pattern, recorded, left, bindings);
  if (same === undefined) return;
  left.delete(same);
  if (agree(pattern, same, bindings, { isOrdered: false })) return;
  if (isFrame(pattern) && isFrame(same)) agree(pattern['id'], same['id'], bindings, { isOrdered: false });
}

function counterpart(pattern: unknown, recorded: unknown, left: Set<unknown>, bindings: Bindings): unknown {
  if (!isFrame(pattern) || !isFrame(recorded)) return undefined;
  const name = nameOf(recorded);
  const items = [...left].filter(isFrame);
  if (name !== undefined) return items.find((item) => nameOf(item) === name);
  const twin = items.find(({ id }) => id === recorded['id']);
  if (twin !== undefined && wouldAgree(pattern, twin, bindings)) return twin;
  const alike = items.filter((item) => wouldAgree(pattern, item, bindings));
  return alike.length === 1 ? alike[0] : undefined;
}

/**
 * Returns the name that identifies a thing on any server: networks, device types and users have unique ones
 * (PROTOCOL.md 4.28, 4.34).
 */
function nameOf({ id, name, login }: Frame): unknown {
  return typeof id === 'number' ? (login ?? name ?? undefined) : undefined;
}

function wouldAgree(pattern: unknown, item: unknown, bindings: Bindings): boolean {
  const mark = bindings.mark();
  const agrees = agree(pattern, item, bindings, { isOrdered: false });
  bindings.undo(mark);
  return agrees;
}
