import type { JsonText } from '../reading/jsonValues.ts';

/** How long commands and notifications live after their insert or last update (PROTOCOL.md 6.9). */
export const retentionMs = 120_000;

/** What commands and notifications have in common. Times are ms since 1970. */
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

/** A message, and when to look whether it has expired. */
interface Expiring<T> {
  readonly message: T;
  readonly at: number;
}

/** The messages of one device, by id, in the order of their inserts. */
interface Shelf<T> {
  readonly byId: Map<number, T>;
  /** Whether that is the order of their timestamps too, which clients may give themselves. */
  isInOrder: boolean;
  lastTimestamp: number;
}

/** What a message takes besides its texts, in bytes: measured. */
const bareWeight = 900;

/** So much may always be kept, in bytes; only beyond is it asked how much this process may use. */
const modestWeight = 64 * 1024 * 1024;

/** Commands or notifications, by device and id, each forgotten when its time is over. */
export class MessageStore<T extends Message> {
  readonly #byDevice = new Map<string, Shelf<T>>();
  readonly #weightOf: (message: T) => number;
  readonly #onRelief: (forgotten: number) => void;
  readonly #maxWeight: () => number;
  #limit: number | undefined = undefined;
  #weight = 0;
  /** In the order of the times. */
  #due: Expiring<T>[] = [];
  #head = 0;

  /**
   * `lengthOf` tells how long the texts of a message are. More than `maxWeight` bytes are not kept: the oldest are
   * forgotten before their time then, and `onRelief` is told how many.
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

  /** Those of a device, the oldest first. */
  *ofDevice(deviceId: string, nowMs: number): Generator<T, void, undefined> {
    const shelf = this.#byDevice.get(deviceId);
    if (shelf === undefined) return;
    const messages = shelf.isInOrder ? shelf.byId.values() : byTimestamp([...shelf.byId.values()]);
    for (const message of messages) if (message.expiresAt > nowMs) yield message;
  }

  /** A random id that this device does not use yet, up to 2^31 (PROTOCOL.md 6.10). */
  newId(deviceId: string): number {
    const taken = this.#byDevice.get(deviceId)?.byId;
    for (;;) {
      const id = 1 + Math.floor(Math.random() * 0x7fffffff);
      if (taken?.has(id) !== true) return id;
    }
  }

  insert(message: T, nowMs: number): void {
    this.sweep(nowMs);
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
    if (this.#weight > limit) this.#relieve(limit * 0.9);
  }

  /** Changes a message, whose texts may take more then. */
  change(message: T, change: (message: T) => void): void {
    this.#weight -= this.#weightOf(message);
    change(message);
    this.#weight += this.#weightOf(message);
  }

  /** Forgets what has expired; what was prolonged meanwhile is looked at again later. */
  sweep(nowMs: number): void {
    for (let due = this.#due[this.#head]; due !== undefined && due.at <= nowMs; due = this.#due[this.#head]) {
      this.#head++;
      if (due.message.expiresAt > nowMs) this.#due.push({ message: due.message, at: due.message.expiresAt });
      else this.#forget(due.message);
    }
    if (this.#head > 1000 && this.#head * 2 > this.#due.length) {
      this.#due = this.#due.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Some room at once, so that it is not looked for with every insert. */
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

/** Sorts messages, the oldest first. */
export function byTimestamp<T extends Message>(messages: T[]): T[] {
  return messages.sort((one, other) => one.timestamp - other.timestamp);
}

/**
 * The first items that are wanted; looks no further once there are enough: a device may have many thousand messages.
 */
export function firstOf<T>(items: Iterable<T>, isWanted: (item: T) => boolean, limit: number): T[] {
  const found: T[] = [];
  for (const item of items) {
    if (found.length >= limit) break;
    if (isWanted(item)) found.push(item);
  }
  return found;
}
