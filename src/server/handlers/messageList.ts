import type { Caller } from '../caller.ts';
import { principalOf } from '../caller.ts';
import { mayUse } from '../access.ts';
import type { Fields } from '../fields.ts';
import { silent } from '../outcome.ts';
import type { Device } from '../store/devices.ts';
import type { Message, MessageStore } from '../store/messages.ts';

/** What command/list and notification/list ask for (protocol.md 4.14, 4.19). */
export interface MessageQuery {
  readonly deviceId: string | undefined;
  /** Named instead of `deviceId` for the search; undocumented. */
  readonly deviceIds: readonly string[];
  /** Ms since 1970, inclusive. */
  readonly start: number;
  readonly end: number;
  /** Empty: any. */
  readonly names: readonly string[];
  readonly status: string | undefined;
  readonly sortField: string | undefined;
  readonly isAscending: boolean;
  /** Cuts a list to what was asked for. */
  page<T>(items: readonly T[]): T[];
}

/** What a list can be sorted by besides `timestamp`. */
type SortKeys<T> = Readonly<Record<string, (item: T) => string | null>>;

/** Reads the fields of a list request; `nameField` is the one with the exact name. Throws a Refusal. */
export function readMessageQuery(request: Fields, nameField: 'command' | 'notification'): MessageQuery {
  const deviceId = request.castText('deviceId');
  const name = request.castText(nameField);
  const names = request.texts('names') ?? [];
  const take = request.integer('take') ?? 20;
  const skip = request.integer('skip') ?? 0;
  return {
    deviceId,
    deviceIds: request.texts('deviceIds') ?? [],
    start: request.timestamp('start') ?? -Infinity,
    end: request.timestamp('end') ?? Infinity,
    names: names.length > 0 || name === undefined ? names : [name],
    status: request.text('status'),
    sortField: request.text('sortField')?.toLowerCase(),
    isAscending: (request.text('sortOrder') ?? 'desc').toLowerCase() !== 'desc',
    page: (items) => page(items, take, skip),
  };
}

function page<T>(items: readonly T[], take: number, skip: number): T[] {
  if (take < 0 || skip + take < 0) return silent(400, 'Invalid request parameters');
  return skip < 0 ? [] : items.slice(skip, skip + take);
}

/** The messages that a query finds: sorted as it says, else the oldest first, where the real server has no order (protocol.md 7, end). */
export function selectMessages<T extends Message>(
  caller: Caller,
  store: MessageStore<T>,
  device: Device,
  query: MessageQuery,
  nameOf: (message: T) => string | null,
  sortKeys: SortKeys<T>,
): T[] {
  const nowMs = caller.hive.clock.now();
  // a message without a name has none of them
  const names = new Set<string | null>(query.names);
  const found = searched(caller, device, query)
    .flatMap((deviceId) => store.ofDevice(deviceId, nowMs))
    .filter(({ timestamp }) => timestamp >= query.start && timestamp <= query.end)
    .filter((message) => names.size === 0 || names.has(nameOf(message)))
    .sort((one, other) => one.timestamp - other.timestamp);
  if (query.sortField === 'timestamp') return query.isAscending ? found : found.reverse();
  const keyOf = query.sortField === undefined ? undefined : sortKeys[query.sortField];
  return keyOf === undefined ? found : sortedBy(found, keyOf, query.isAscending);
}

/** The real server does not check `deviceIds` at all (protocol.md 7, Q33). */
function searched(caller: Caller, device: Device, { deviceIds }: MessageQuery): readonly string[] {
  if (deviceIds.length === 0) return [device.id];
  const { hive } = caller;
  const principal = principalOf(caller);
  return hive.strict
    ? deviceIds.filter((id) => mayUse(hive, principal, hive.devices.find(id)))
    : [...new Set(deviceIds)];
}

/** What has no value comes last. */
function sortedBy<T>(items: T[], keyOf: (item: T) => string | null, isAscending: boolean): T[] {
  return items.sort((one, other) => {
    const [left, right] = [keyOf(one), keyOf(other)];
    if (left === right) return 0;
    if (left === null || right === null) return left === null ? 1 : -1;
    return left < right === isAscending ? -1 : 1;
  });
}
