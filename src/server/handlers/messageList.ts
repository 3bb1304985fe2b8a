import { type Caller, principalOf } from '../rights/caller.ts';
import { mayUse } from '../rights/access.ts';
import type { Fields } from '../reading/fields.ts';
import { silent } from '../outcome.ts';
import type { Device } from '../store/devices.ts';
import { byTimestamp, firstOf, type Message, type MessageStore } from '../store/messages.ts';
import { own } from '../../protocol/own.ts';

/** The query of command/list or notification/list (PROTOCOL.md 4.14, 4.19). */
export interface MessageQuery {
  readonly deviceId: string | undefined;
  /** Devices to search instead of `deviceId`; undocumented. */
  readonly deviceIds: readonly string[];
  /** Ms since 1970, inclusive. */
  readonly start: number;
  readonly end: number;
  /** Empty for any name. */
  readonly names: readonly string[];
  readonly status: string | undefined;
  readonly sortField: string | undefined;
  readonly isAscending: boolean;
  /** The most messages to select, before the page is cut. */
  readonly limit: number;
  /** Returns the requested page of a list. */
  page<T>(items: readonly T[]): T[];
}

/** Keys that a list can be sorted by besides `timestamp`. */
type SortKeys<T> = Readonly<Record<string, (item: T) => string | null>>;

/** The messages of one kind, and what a list can select and sort them by. */
interface MessageKind<T extends Message> {
  readonly store: MessageStore<T>;
  readonly nameOf: (message: T) => string | null;
  readonly sortKeys: SortKeys<T>;
}

/** Reads the query of a list; `nameField` is the field with the exact name. Throws a Refusal. */
export function readMessageQuery(request: Fields, nameField: 'command' | 'notification'): MessageQuery {
  const deviceIds = request.texts('deviceIds') ?? [];
  const names = request.texts('names') ?? [];
  const take = request.integer('take') ?? 20;
  const skip = request.integer('skip') ?? 0;
  const [start, end] = [request.timestamp('start') ?? -Infinity, request.timestamp('end') ?? Infinity];
  // the stricter readers come last, and only where their fields count
  const deviceId = deviceIds.length > 0 ? request.text('deviceId') : request.castText('deviceId');
  const name = names.length > 0 ? undefined : request.castText(nameField);
  return {
    deviceId,
    deviceIds,
    start,
    end,
    names: name === undefined ? names : [name],
    status: request.text('status'),
    sortField: request.text('sortField')?.toLowerCase(),
    isAscending: (request.text('sortOrder') ?? 'desc').toLowerCase() !== 'desc',
    limit: skip + take,
    page: (items) => page(items, take, skip),
  };
}

function page<T>(items: readonly T[], take: number, skip: number): T[] {
  if (take < 0 || skip + take < 0) return silent(400, 'Invalid request parameters');
  return skip < 0 ? [] : items.slice(skip, skip + take);
}

/**
 * Returns the messages that a query selects, sorted as it says and no more than `limit`. Without a sort field the
 * oldest come first; the real server has no order then (PROTOCOL.md 7, end).
 */
export function selectMessages<T extends Message>(
  caller: Caller,
  device: Device,
  query: MessageQuery,
  { store, nameOf, sortKeys }: MessageKind<T>,
): T[] {
  const nowMs = caller.hive.clock.now();
  // a message without a name matches none of these
  const names = new Set<string | null>(query.names);
  const statusOf = (query.status ?? '').trim() === '' ? undefined : sortKeys['status'];
  const isWanted = (message: T) =>
    message.timestamp >= query.start &&
    message.timestamp <= query.end &&
    (names.size === 0 || names.has(nameOf(message))) &&
    (statusOf === undefined || sameText(statusOf(message), query.status ?? ''));
  const deviceIds = searched(caller, device, query);
  const [only = ''] = deviceIds;
  const all =
    deviceIds.length === 1
      ? store.ofDevice(only, nowMs)
      : byTimestamp(deviceIds.flatMap((deviceId) => [...store.ofDevice(deviceId, nowMs)]));
  const { sortField, isAscending, limit } = query;
  const keyOf = sortField === undefined ? undefined : own(sortKeys, sortField);
  const isReversed = sortField === 'timestamp' && !isAscending;
  const isCutFirst = caller.hive.arbitraryOrder || (keyOf === undefined && !isReversed);
  const found = firstOf(caller.hive.unordered(all), isWanted, isCutFirst ? limit : Infinity);
  if (keyOf !== undefined) return sortedBy(found, keyOf, isAscending);
  if (sortField === 'timestamp') byTimestamp(found);
  return isReversed ? found.reverse() : found;
}

function sameText(one: string | null, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}

/**
 * Returns the devices to search. The real server checks no rights for `deviceIds`; an exposed server does (PROTOCOL.md
 * 7, Q33).
 */
function searched(caller: Caller, device: Device, { deviceIds }: MessageQuery): readonly string[] {
  if (deviceIds.length === 0) return [device.id];
  const { hive } = caller;
  const principal = principalOf(caller);
  return hive.isExposed
    ? deviceIds.filter((id) => mayUse(hive, principal, hive.devices.find(id)))
    : [...new Set(deviceIds)];
}

/** Sorts by a key; items without one come last. */
function sortedBy<T>(items: T[], keyOf: (item: T) => string | null, isAscending: boolean): T[] {
  return items.sort((one, other) => {
    const [left, right] = [keyOf(one), keyOf(other)];
    if (left === right) return 0;
    if (left === null || right === null) return left === null ? 1 : -1;
    return left < right === isAscending ? -1 : 1;
  });
}
