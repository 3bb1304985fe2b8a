import type { Call } from './call.ts';

/** The requests of one session that have no reply yet, by their request id (protocol.md 2.5): integers counted from 1 unless the caller has an own one. */
export class RequestTable {
  readonly #calls = new Map<unknown, Call>();
  #lastId = 0;

  get size(): number {
    return this.#calls.size;
  }

  /** Gives the call an id; false when the caller's id belongs to a pending request. */
  add(call: Call): boolean {
    const requestId = call.wantedId ?? this.#nextId();
    const key = keyOf(requestId);
    if (this.#calls.has(key)) return false;
    this.#calls.set(key, call);
    call.requestId = requestId;
    return true;
  }

  /** The call that a reply is for, taken out. */
  take(requestId: unknown): Call | undefined {
    const key = keyOf(requestId);
    const call = this.#calls.get(key);
    if (call !== undefined) this.#calls.delete(key);
    return call;
  }

  /** Takes a call out; whether it was still waiting here. */
  delete(call: Call): boolean {
    return this.has(call) && this.#calls.delete(keyOf(call.requestId));
  }

  has(call: Call): boolean {
    return this.#calls.get(keyOf(call.requestId)) === call;
  }

  /** All calls, taken out. */
  takeAll(): Call[] {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    return calls;
  }

  #nextId(): number {
    do this.#lastId++;
    while (this.#calls.has(this.#lastId));
    return this.#lastId;
  }
}

/** Objects and arrays are echoed too (protocol.md 2.1); they are compared by their text, marked so that no likely string equals it. */
function keyOf(requestId: unknown): unknown {
  return typeof requestId === 'object' && requestId !== null ? `\u0000${JSON.stringify(requestId)}` : requestId;
}
