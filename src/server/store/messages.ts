import type { JsonText } from '../json.ts';

/** How long commands and notifications live after their insert or last update (protocol.md 6.9). */
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

/** A command (protocol.md 6.2). */
export interface Command extends Message {
  readonly command: string | null;
  readonly userId: number;
  readonly lifetime: number | null;
  lastUpdated: number;
  status: string | null;
  result: JsonText | null;
  isUpdated: boolean;
}

/** A notification (protocol.md 6.3). */
export interface Notification extends Message {
  readonly notification: string;
}

/** A message, and when to look whether it has expired. */
interface Due<T> {
  readonly message: T;
  readonly at: number;
}

/** Commands or notifications, by device and id, each forgotten when its time is over. */
export class MessageStore<T extends Message> {
  readonly #byDevice = new Map<string, Map<number, T>>();
  /** In the order of the times. */
  #due: Due<T>[] = [];
  #head = 0;

  find(deviceId: string, id: number | bigint, nowMs: number): T | undefined {
    const message = this.#byDevice.get(deviceId)?.get(id as number);
    return message !== undefined && message.expiresAt > nowMs ? message : undefined;
  }

  /** Those of a device, the oldest first. */
  ofDevice(deviceId: string, nowMs: number): T[] {
    const messages = [...(this.#byDevice.get(deviceId)?.values() ?? [])];
    return messages
      .filter((message) => message.expiresAt > nowMs)
      .sort((one, other) => one.timestamp - other.timestamp);
  }

  /** A random id that this device does not use yet, up to 2^31 (protocol.md 6.10). */
  newId(deviceId: string): number {
    const taken = this.#byDevice.get(deviceId);
    for (;;) {
      const id = 1 + Math.floor(Math.random() * 0x7fffffff);
      if (taken?.has(id) !== true) return id;
    }
  }

  insert(message: T, nowMs: number): void {
    this.sweep(nowMs);
    let messages = this.#byDevice.get(message.deviceId);
    if (messages === undefined) this.#byDevice.set(message.deviceId, (messages = new Map<number, T>()));
    messages.set(message.id, message);
    if (message.expiresAt !== Infinity) this.#due.push({ message, at: message.expiresAt });
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

  #forget(message: T): void {
    const messages = this.#byDevice.get(message.deviceId);
    messages?.delete(message.id);
    if (messages?.size === 0) this.#byDevice.delete(message.deviceId);
  }
}
