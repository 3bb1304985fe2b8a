import { requestIdKey } from '../../protocol/requestIds.ts';
import type { Call } from './call.ts';

/** As many requests are looked through one by one; a session of a fleet seldom has more. */
const few = 16;
/** How many requests with ids of our own are kept by place beyond that; the rest is looked up. A power of two. */
const places = 4096;

/**
 * The requests of one session that have no reply yet, by their request id (PROTOCOL.md 2.5): integers counted from 1
 * unless the caller has an own one. A few lie in a list; many lie in a ring: a `Map` makes itself anew every few
 * hundred changes, and what it leaves behind keeps answered calls in memory for long.
 */
export class RequestTable {
  #few: Call[] | undefined = [];
  #ring: (Call | undefined)[] = [];
  #ringSize = 0;
  #calls: Map<unknown, Call> | undefined;
  #lastId: number;

  /** Counts its own ids from `firstId` on. */
  constructor(firstId = 1) {
    this.#lastId = firstId - 1;
  }

  get size(): number {
    return (this.#few?.length ?? this.#ringSize) + (this.#calls?.size ?? 0);
  }

  /** Gives the call an id; false when the caller's id belongs to a pending request. */
  add(call: Call): boolean {
    const { wantedId } = call;
    if (wantedId !== undefined && this.#find(wantedId) !== undefined) return false;
    call.requestId = wantedId === undefined ? this.#nextId() : wantedId;
    if (wantedId !== undefined) this.#keep(call);
    else if (this.#few !== undefined && this.#few.length < few) this.#few.push(call);
    else this.#place(call);
    return true;
  }

  /** The call that a reply is for, taken out. */
  take(requestId: unknown): Call | undefined {
    const call = this.#find(requestId);
    if (call !== undefined) this.delete(call);
    return call;
  }

  /** Takes a call out; whether it was still waiting here. */
  delete(call: Call): boolean {
    if (this.#few !== undefined) {
      const index = this.#few.indexOf(call);
      if (index === -1) return this.#forget(call);
      this.#few.splice(index, 1);
      return true;
    }
    const place = placeOf(call.requestId);
    if (place === undefined || this.#ring[place] !== call) return this.#forget(call);
    this.#ring[place] = undefined;
    this.#ringSize--;
    return true;
  }

  has(call: Call): boolean {
    return call.requestId !== undefined && this.#find(call.requestId) === call;
  }

  /** All calls, taken out, in the order they were sent. */
  takeAll(): Call[] {
    const own = this.#few ?? this.#ring.filter((call) => call !== undefined);
    const calls = this.#calls === undefined ? own : [...own, ...this.#calls.values()];
    this.#few = [];
    this.#ring = [];
    this.#ringSize = 0;
    this.#calls = undefined;
    return calls.sort((one, other) => one.sentAtMs - other.sentAtMs);
  }

  #forget(call: Call): boolean {
    return this.has(call) && this.#calls?.delete(requestIdKey(call.requestId)) === true;
  }

  /** Into the ring, which takes over from the list for good. */
  #place(call: Call): void {
    const earlier = this.#few;
    this.#few = undefined;
    for (const other of earlier ?? []) this.#place(other);
    const place = placeOf(call.requestId);
    if (place === undefined || this.#ring[place] !== undefined) return this.#keep(call);
    this.#ring[place] = call;
    this.#ringSize++;
  }

  #keep(call: Call): void {
    this.#calls ??= new Map();
    this.#calls.set(requestIdKey(call.requestId), call);
  }

  #find(requestId: unknown): Call | undefined {
    if (this.#few !== undefined) {
      for (const call of this.#few) if (call.requestId === requestId) return call;
    } else {
      const place = placeOf(requestId);
      const call = place === undefined ? undefined : this.#ring[place];
      if (call?.requestId === requestId && call !== undefined) return call;
    }
    return this.#calls?.get(requestIdKey(requestId));
  }

  #nextId(): number {
    do this.#lastId++;
    while (this.#calls?.has(this.#lastId) === true);
    return this.#lastId;
  }
}

/** The place in the ring that a request id of ours would have. */
function placeOf(requestId: unknown): number | undefined {
  return typeof requestId === 'number' && requestId >= 1 && Number.isInteger(requestId)
    ? requestId % places
    : undefined;
}
