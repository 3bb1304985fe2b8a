import { isFrame, type Frame } from '../../protocol/frames.ts';

/** Asks the server one question and returns its success reply. Throws a `Failure` as `Connection.request` does. */
export type AskServer = (action: string, payload: Frame) => Promise<Frame>;

/** The list in a reply with its name; undefined where a server answers with something else. */
export function listIn(reply: Frame): { readonly name: string; readonly items: readonly unknown[] } | undefined {
  for (const [name, part] of Object.entries(reply)) if (Array.isArray(part)) return { name, items: part };
  return undefined;
}

/** Asks for a list and returns its items; none where the reply has no list. */
export async function itemsOf(ask: AskServer, action: string, payload: Frame): Promise<readonly unknown[]> {
  return listIn(await ask(action, payload))?.items ?? [];
}

/** Returns the identity of an item: its id, or the item itself if it has none. */
export function keyOf(item: unknown): unknown {
  return isFrame(item) ? (item['id'] ?? item) : item;
}

/**
 * Whether an action lists commands or notifications: those lists are cut before they are sorted, so they have no pages
 * (PROTOCOL.md 4.14).
 */
export function listsMessages(action: string): boolean {
  return /^(command|notification)\//.test(action);
}
