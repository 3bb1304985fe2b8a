import type { JsonText } from '../reading/jsonValues.ts';

/** Commands and notifications are kept for this long after insert or last update (PROTOCOL.md 6.9). */
export const retentionMs = 120_000;

/** The common part of commands and notifications. Times are ms since 1970. */
export interface Message {
  readonly id: number;
  readonly deviceId: string;
  readonly networkId: number | null;
  readonly deviceTypeId: number | null;
  readonly timestamp: number;
  readonly parameters: JsonText | null;
  expiresAt: number;
}

/** A command (PROTOCOL.md 6.2). */
export interface Command extends Message {
  readonly command: string | null;
  readonly userId: number;
  readonly lifetime: number | null;
  lastUpdated: number;
  status: string | null;
  result: JsonText | null;
  isUpdated: boolean;
}

/** A notification (PROTOCOL.md 6.3). */
export interface Notification extends Message {
  readonly notification: string;
}

/** A message, and the time at which to check whether it has expired. */
interface Expiring<T> {
  readonly message: T;
  readonly at: number;
}

/** The messages of one device by id, in the order of insertion. */
interface Shelf<T> {
  readonly byId: Map<number, T>;
  /** True if that is also the order of their timestamps, which clients may set themselves. */
  isInOrder: boolean;
  lastTimestamp: number;
}

/** Expired messages that are forgotten with each insert: more than one, so that they do not add up. */
const sweptPerInsert = 20;

/** Bytes that a message takes besides its texts: measured. */
const bareWeight = 900;

/** Bytes that may always be kept; only beyond this is the memory limit of the process consulted. */
const modestWeight = 64 * 1024 * 1024;

/** Commands or notifications by device and id, each forgotten when it expires. */
export class MessageStore<T extends Message> {
  readonly #byDevice = new Map<string, Shelf<T>>();
  readonly #weightOf: (message: T) => number;
  readonly #onRelief: (forgotten: number) => void;
  readonly #maxWeight: () => number;
  #limit: number | undefined = undefined;
  #weight = 0;
  /** In the order of their times. */
  #due: Expiring<T>[] = [];
  #head = 0;

  /**
   * `lengthOf` returns the length of a message's texts. Beyond `maxWeight` bytes the store forgets its oldest messages
   * early, and calls `onRelief` with their number.
   */
  constructor(lengthOf: (message: T) => number, maxWeight: () => number, onRelief: (forgotten: number) => void) {
    this.#weightOf = (message) => bareWeight + lengthOf(message);
    this.#maxWeight = maxWeight;
    this.#onRelief = onRelief;
  }

  find(deviceId: string, id: number | bigint, nowMs: number): T | undefined {
    const message = this.#byDevice.get(deviceId)?.byId.get(id as number);
    return message !== undefined && message.expiresAt > nowMs ? message : undefined;
  }

  /** Yields the messages of a device, the oldest first. */
  *ofDevice(deviceId: string, nowMs: number): Generator<T, void, undefined> {
    const shelf = this.#byDevice.get(deviceId);
    if (shelf === undefined) return;
    if (!shelf.isInOrder) putInOrder(shelf);
    for (const message of shelf.byId.values()) if (message.expiresAt > nowMs) yield message;
  }

  /** Returns a random id up to 2^31 that this device does not use yet (PROTOCOL.md 6.10). */
  newId(deviceId: string): number {
    const taken = this.#byDevice.get(deviceId)?.byId;
    for (;;) {
      const id = 1 + Math.floor(Math.random() * 0x7fffffff);
      if (taken?.has(id) !== true) return id;
    }
  }

  insert(message: T, nowMs: number): void {
    this.sweep(nowMs, sweptPerInsert);
    let shelf = this.#byDevice.get(message.deviceId);
    if (shelf === undefined) {
      shelf = { byId: new Map<number, T>(), isInOrder: true, lastTimestamp: -Infinity };
      this.#byDevice.set(message.deviceId, shelf);
    }
    shelf.byId.set(message.id, message);
    shelf.isInOrder &&= message.timestamp >= shelf.lastTimestamp;
    shelf.lastTimestamp = message.timestamp;
    this.#weight += this.#weightOf(message);
    if (message.expiresAt === Infinity) return;
    this.#due.push({ message, at: message.expiresAt });
    if (this.#weight <= modestWeight) return;
    const limit = (this.#limit ??= Math.max(modestWeight, this.#maxWeight()));
    if (this.#weight > limit) this.#relieve(limit * 0.99);
  }

  /** Changes a message and accounts for its new size. */
  change(message: T, change: (message: T) => void): void {
    this.#weight -= this.#weightOf(message);
    change(message);
    this.#weight += this.#weightOf(message);
  }

  /**
   * Forgets up to `count` expired messages; those prolonged meanwhile are checked again later. Returns true if more
   * may be left.
   */
  sweep(nowMs: number, count: number): boolean {
    let left = count;
    for (let due = this.#due[this.#head]; due !== undefined && due.at <= nowMs; due = this.#due[this.#head]) {
      if (--left < 0) break;
      this.#head++;
      if (due.message.expiresAt > nowMs) this.#due.push({ message: due.message, at: due.message.expiresAt });
      else this.#forget(due.message);
    }
    if (this.#head > 1000 && this.#head * 2 > this.#due.length) {
      this.#due = this.#due.slice(this.#head);
      this.#head = 0;
    }
    return left < 0;
  }

  /** Forgets the oldest messages down to `weight` bytes, so that not every insert has to make room again. */
  #relieve(weight: number): void {
    let forgotten = 0;
    while (this.#weight > weight) {
      const due = this.#due[this.#head];
      if (due === undefined) break;
      this.#head++;
      this.#forget(due.message);
      forgotten++;
    }
    this.#onRelief(forgotten);
  }

  #forget(message: T): void {
    const shelf = this.#byDevice.get(message.deviceId);
    if (shelf?.byId.delete(message.id) === true) this.#weight -= this.#weightOf(message);
    if (shelf?.byId.size === 0) this.#byDevice.delete(message.deviceId);
  }
}

/** Sorts a shelf once, so that not every list has to. */
function putInOrder<T extends Message>(shelf: Shelf<T>): void {
  const sorted = byTimestamp([...shelf.byId.values()]);
  shelf.byId.clear();
  for (const message of sorted) shelf.byId.set(message.id, message);
  shelf.isInOrder = true;
  shelf.lastTimestamp = sorted.at(-1)?.timestamp ?? -Infinity;
}

/** Sorts messages in place, the oldest first. */
export function byTimestamp<T extends Message>(messages: T[]): T[] {
  return messages.sort((one, other) => one.timestamp - other.timestamp);
}

/** Returns up to `limit` wanted items and looks no further: a device may have many thousand messages. */
export function firstOf<T>(items: Iterable<T>, isWanted: (item: T) => boolean, limit: number): T[] {
  const found: T[] = [];
  for (const item of items) {
    if (found.length >= limit) break;
    if (isWanted(item)) found.push(item);
  }
  return found;
}
