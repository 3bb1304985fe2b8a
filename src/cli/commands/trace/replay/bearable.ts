import { listReader, type AskServer } from '../../../../client/index.ts';
import { Failure } from '../../../../errors.ts';
import type { Frame } from '../../../../protocol/frames.ts';
import { harmlessItems } from './recordedSizes.ts';

const heavyReplay = 'what it would bring again may be more than the message bus of this server carries';

/** The most notifications that a subscription replays, whatever it asks for (PROTOCOL.md 4.20). */
const mostNotifications = 100;

/**
 * Returns the payload of a recorded request made light enough for this server, or the reason not to send it: its items
 * may be far heavier than those recorded. A list of more than 20 items, or a subscription to commands, is cut to as
 * many as fit in a reply; a subscription to notifications cannot be cut.
 */
export async function bearable(ask: AskServer, action: string, payload: Frame): Promise<Frame | string> {
  const { take, deviceId, timestamp, limit = harmlessItems, names } = payload;
  if (action.endsWith('/list') && Number(take) > harmlessItems)
    return { ...payload, take: await fitting(ask, action, payload, Number(take)) };
  if (!action.endsWith('/subscribe') || (deviceId ?? '') === '' || (timestamp ?? '') === '') return payload;
  const isOfCommands = action === 'command/subscribe';
  const most = isOfCommands ? Number(limit) : mostNotifications;
  if (!(most > harmlessItems)) return payload;
  const list = { deviceId, start: timestamp, ...(Array.isArray(names) ? { names } : {}) };
  const fits = await fitting(ask, isOfCommands ? 'command/list' : 'notification/list', list, most);
  if (fits >= most) return payload;
  return isOfCommands ? { ...payload, limit: fits } : heavyReplay;
}

/** Returns how many of `most` items fit in one reply, as far as the server says. */
async function fitting(ask: AskServer, action: string, payload: Frame, most: number): Promise<number> {
  try {
    const { someItems } = await listReader();
    const { items, isWhole } = await someItems(ask, action, payload, most);
    return isWhole ? most : Math.min(items.length, most);
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === 'connect' || error.kind === 'interrupted') throw error;
    return harmlessItems;
  }
}
