import type { Call } from './call.ts';

/** How many requests with ids of our own are kept by place; the rest is looked up. A power of two. */
const places = 4096;

/**
 * The requests of one session that have no reply yet, by their request id (protocol.md 2.5): integers counted from 1 unless the caller has an own one.
 * Those lie in a ring: a `Map` makes itself anew every few hundred changes, and what it leaves behind keeps answered calls in memory for long.
 */
export class RequestTable {
  readonly #ring: (Call | undefined)[] = [];
  #ringSize = 0;
  readonly #calls = new Map<unknown, Call>();
  #lastId = 0;

  get size(): number {
    return this.#ringSize + this.#calls.size;
  }

  /** Gives the call an id; false when the caller's id belongs to a pending request. */
  add(call: Call): boolean {
    const { wantedId } = call;
    if (wantedId !== undefined && this.#find(wantedId) !== undefined) return false;
    const requestId = wantedId ?? this.#nextId();
    call.requestId = requestId;
    if (wantedId === undefined && this.#ring[this.#lastId % places] === undefined) {
      this.#ring[this.#lastId % places] = call;
      this.#ringSize++;
    } else this.#calls.set(keyOf(requestId), call);
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
    const place = placeOf(call.requestId);
    if (place === undefined || this.#ring[place] !== call) {
      return this.has(call) && this.#calls.delete(keyOf(call.requestId));
    }
    this.#ring[place] = undefined;
    this.#ringSize--;
    return true;
  }

  has(call: Call): boolean {
    return call.requestId !== undefined && this.#find(call.requestId) === call;
  }

  /** All calls, taken out, in the order they were sent. */
  takeAll(): Call[] {
    const calls = [...this.#ring.filter((call) => call !== undefined), ...this.#calls.values()];
    this.#ring.length = 0;
    this.#ringSize = 0;
    this.#calls.clear();
    return calls.sort((one, other) => one.sentAtMs - other.sentAtMs);
  }

  #find(requestId: unknown): Call | undefined {
    const place = placeOf(requestId);
    const call = place === undefined ? undefined : this.#ring[place];
    return call?.requestId === requestId && call !== undefined ? call : this.#calls.get(keyOf(requestId));
  }

  #nextId(): number {
    do this.#lastId++;
    while (this.#calls.size > 0 && this.#calls.has(this.#lastId));
    return this.#lastId;
  }
}

/** Objects and arrays are echoed too (protocol.md 2.1); they are compared by their text, marked so that no likely string equals it. */
function keyOf(requestId: unknown): unknown {
  return typeof requestId === 'object' && requestId !== null ? `\u0000${JSON.stringify(requestId)}` : requestId;
}

/** The place in the ring that a request id of ours would have. */
function placeOf(requestId: unknown): number | undefined {
  return typeof requestId === 'number' && requestId >= 1 && Number.isInteger(requestId)
    ? requestId % places
    : undefined;
}
