import { Failure } from '../errors.ts';
import type { PushFrame } from '../protocol/frames.ts';

/** Where the pushes of a subscription go. */
export interface PushSink {
  add(push: PushFrame): void;
  /** No more come. */
  end(why: Failure | 'finished'): void;
}

interface Waiter {
  readonly resolve: (result: IteratorResult<PushFrame, undefined>) => void;
  readonly reject: (error: Failure) => void;
}

/**
 * The unread pushes of one subscription. It never makes the socket wait: when too many are unread it takes no more, and
 * says so after those it has.
 */
export class PushQueue implements PushSink, AsyncIterator<PushFrame, undefined> {
  readonly #capacity: number;
  #pushes: PushFrame[] = [];
  #head = 0;
  #waiters: Waiter[] = [];
  #end: Failure | 'finished' | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(push: PushFrame): void {
    if (this.#end !== undefined) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.resolve({ done: false, value: push });
    else if (this.#pushes.length - this.#head < this.#capacity) this.#pushes.push(push);
    else this.#end = overflow(push, this.#capacity);
  }

  /** Ends the iterator after what is unread: with nothing more, or with a failure. The first end counts. */
  end(why: Failure | 'finished'): void {
    this.#end ??= why;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) this.#conclude(waiter);
  }

  /** Takes all that is unread. */
  takeAll(): PushFrame[] {
    const unread = this.#pushes.slice(this.#head);
    this.#pushes = [];
    this.#head = 0;
    return unread;
  }

  next(): Promise<IteratorResult<PushFrame, undefined>> {
    const push = this.#pushes[this.#head];
    if (push !== undefined) {
      this.#head++;
      this.#trim();
      return Promise.resolve({ done: false, value: push });
    }
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      if (this.#end === undefined) this.#waiters.push(waiter);
      else this.#conclude(waiter);
    });
  }

  /** Leaving a loop leaves the subscription as it is; a later loop goes on reading. */
  return(): Promise<IteratorResult<PushFrame, undefined>> {
    return Promise.resolve({ done: true, value: undefined });
  }

  #conclude({ resolve, reject }: Waiter): void {
    if (this.#end instanceof Failure) reject(this.#end);
    else resolve({ done: true, value: undefined });
  }

  /** Gives memory back once the read part outweighs the unread one. */
  #trim(): void {
    const isEmpty = this.#head === this.#pushes.length;
    if (!isEmpty && (this.#head < 1024 || this.#head * 2 < this.#pushes.length)) return;
    this.#pushes = isEmpty ? [] : this.#pushes.slice(this.#head);
    this.#head = 0;
  }
}

function overflow(push: PushFrame, capacity: number): Failure {
  return new Failure(
    'generator',
    `more than ${capacity} pushes of subscription ${push.subscriptionId} were waiting to be read; the rest is lost`,
    { hint: 'Read faster, or subscribe to less: to one device, or to some names only.', action: push.action },
  );
}
