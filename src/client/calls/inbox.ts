import type { Failure } from '../../errors.ts';
import type { PushFrame } from '../../protocol/frames.ts';
import type { Closed } from '../contract.ts';
import { PushQueue, type PushSink } from '../pushQueue.ts';

/** How many subscriptions may be heard of before their replies. */
const maxEarly = 1000;

/** Listens for a session's end and, in place of its inbox, for its pushes. */
export interface Hearer {
  onPush?(push: PushFrame): void;
  onOver(closed: Closed): void;
}

/**
 * The pushes of one session, by subscription. A push may come before the reply that announces its subscription
 * (PROTOCOL.md 7, Q7): while a subscribe is pending, pushes of unknown subscriptions are kept, and given to the
 * subscription first.
 */
export class Inbox {
  readonly #capacity: number;
  readonly #open = new Map<number, PushSink>();
  readonly #early = new Map<number, PushQueue>();
  #pending = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Whether any subscription is open. */
  get isInUse(): boolean {
    return this.#open.size > 0;
  }

  /** A sentence about pushes of unknown subscriptions; empty if there are none. */
  get unannounced(): string {
    const ids = [...this.#early.keys()];
    return ids.length === 0
      ? ''
      : `pushes came for subscription ${ids.slice(0, 3).join(', ')}, which no reply announced`;
  }

  /** A subscribe was sent. */
  expect(): void {
    this.#pending++;
  }

  /** Ends a pending subscribe; with the last one, unclaimed pushes are dropped. */
  settle(): void {
    this.#pending--;
    if (this.#pending === 0) this.#early.clear();
  }

  /** Takes a push; false when it belongs to nobody. */
  take(push: PushFrame): boolean {
    const sink = this.#open.get(push.subscriptionId) ?? this.#earlyQueue(push.subscriptionId);
    sink?.add(push);
    return sink !== undefined;
  }

  /** Opens a subscription, from the very moment of its reply on. */
  open(subscriptionId: number): void {
    const queue = this.#early.get(subscriptionId) ?? new PushQueue(this.#capacity);
    this.#early.delete(subscriptionId);
    this.#open.set(subscriptionId, queue);
  }

  queueOf(subscriptionId: number): PushQueue | undefined {
    const sink = this.#open.get(subscriptionId);
    return sink instanceof PushQueue ? sink : undefined;
  }

  /** Lets the pushes of a subscription go elsewhere from now on, those first that wait already. */
  redirect(subscriptionId: number, sink: PushSink): void {
    const queue = this.queueOf(subscriptionId);
    if (queue === undefined) return;
    this.#open.set(subscriptionId, sink);
    for (const push of queue.takeAll()) sink.add(push);
  }

  close(subscriptionId: number): void {
    this.#open.get(subscriptionId)?.end('finished');
    this.#open.delete(subscriptionId);
  }

  /** Ends every iterator. */
  end(why: Failure | 'finished'): void {
    for (const sink of this.#open.values()) sink.end(why);
    this.#early.clear();
  }

  #earlyQueue(subscriptionId: number): PushQueue | undefined {
    if (this.#pending === 0) return undefined;
    let queue = this.#early.get(subscriptionId);
    if (queue === undefined && this.#early.size < maxEarly) {
      this.#early.set(subscriptionId, (queue = new PushQueue(this.#capacity)));
    }
    return queue;
  }
}
