import { requestIdKey } from '../../protocol/requestIds.ts';
import type { Call } from './call.ts';

/** After this many requests the table moves into a fresh `Map`. */
const renewedAfter = 4096;

/**
 * The unanswered requests of one session, by request id (PROTOCOL.md 2.5): integers counted from 1, unless the caller
 * brings an id.
 */
export class RequestTable {
  #calls = new Map<unknown, Call>();
  #added = 0;
  #lastId: number;

  /** Counts its own ids from `firstId` on. */
  constructor(firstId = 1) {
    this.#lastId = firstId - 1;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Gives the call an id. Returns false if the caller's own id belongs to a pending request. */
  add(call: Call): boolean {
    const { wantedId } = call;
    if (wantedId !== undefined && this.#calls.has(requestIdKey(wantedId))) return false;
    call.requestId = wantedId === undefined ? this.#nextId() : wantedId;
    this.#calls.set(requestIdKey(call.requestId), call);
    if (++this.#added % renewedAfter === 0) this.#renew();
    return true;
  }

  /** Takes out the call that a reply is for. */
  take(requestId: unknown): Call | undefined {
    const call = this.#calls.get(requestIdKey(requestId));
    if (call !== undefined) this.delete(call);
    return call;
  }

  /** Takes a call out. Returns whether it was still waiting here. */
  delete(call: Call): boolean {
    return this.has(call) && this.#calls.delete(requestIdKey(call.requestId));
  }

  has(call: Call): boolean {
    return this.#calls.get(requestIdKey(call.requestId)) === call;
  }

  /** Takes out all calls, in the order they were sent. */
  takeAll(): Call[] {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    return calls;
  }

  /**
   * V8 links every table that a `Map` has outgrown to the next one, with the calls that it held: once the first of them
   * counts as old, all answered calls stay until the whole heap is collected (12 MiB in a batch). A copy has no past.
   */
  #renew(): void {
    this.#calls = new Map(this.#calls);
  }

  #nextId(): number {
    do this.#lastId++;
    while (this.#calls.has(this.#lastId));
    return this.#lastId;
  }
}
