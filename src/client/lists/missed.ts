import { isFrame, type Frame } from '../../protocol/frames.ts';
import { own } from '../../protocol/own.ts';
import { formatTimestamp, parseTimestamp } from '../../protocol/timestamps.ts';
import type { AskServer } from './replies.ts';
import { allMessages } from './windows.ts';

/** The gap of a subscription to one device; times in ms since 1970, by the server's clock. */
export interface Missed {
  /** The pushed action, such as `command/update`. */
  readonly action: string;
  readonly deviceId: unknown;
  /** Undefined for all names. */
  readonly names?: unknown;
  /** When it began to hear nothing. */
  readonly sinceMs: number;
  /** Of updates: commands that are older are not of interest. */
  readonly insertedSinceMs?: number;
}

/**
 * Yields the commands or notifications that a subscription has missed, read from their list: a replay comes over the
 * message bus in one piece, as heavy as it may be (PROTOCOL.md 5.6, 7). What is pushed meanwhile may be among them.
 * Throws a `Failure` at the end where something may be missing.
 */
export async function* missedMessages(ask: AskServer, missed: Missed): AsyncGenerator<readonly Frame[], void> {
  const { action, deviceId, names, sinceMs, insertedSinceMs = -Infinity } = missed;
  const [noun = ''] = action.split('/');
  const fromMs = action === 'command/update' ? insertedSinceMs : sinceMs;
  const payload = {
    deviceId,
    ...(isList(names) ? { names } : {}),
    ...(fromMs === -Infinity ? {} : { start: formatTimestamp(Math.max(fromMs, 0)) }),
  };
  const list = { ask, action: `${noun}/list`, payload, isNewestFirst: false };
  for await (const items of allMessages(list)) {
    const frames = items.filter(isFrame).filter((item) => wasPushed(item, noun, missed));
    if (frames.length > 0) yield frames;
  }
}

/** Things without a network are pushed to no subscription of a device (PROTOCOL.md 5.5). */
function wasPushed(item: Frame, noun: string, { action, names, sinceMs }: Missed): boolean {
  if (item['networkId'] === null || (isList(names) && !names.includes(own(item, noun)))) return false;
  return action !== 'command/update' || (isUpdated(item) && timeOf(item['lastUpdated']) >= sinceMs);
}

/** An insert dates both alike (PROTOCOL.md 6.2); an update within the same millisecond shows in what it has set. */
function isUpdated({ timestamp, lastUpdated, status, result }: Frame): boolean {
  return timestamp !== lastUpdated || (status ?? null) !== null || (result ?? null) !== null;
}

function timeOf(value: unknown): number {
  return parseTimestamp(String(value)) ?? Infinity;
}

function isList(names: unknown): names is readonly unknown[] {
  return Array.isArray(names) && names.length > 0;
}
