import type { Failure } from '../../errors.ts';

/** The longest pause between two tries, in ms. */
const longestPauseMs = 10_000;
/** A connection that has lived so long, in ms, was a good one: what comes after it begins anew. */
const steadyMs = 10_000;

/**
 * Reads, and writes that say what shall be rather than what shall happen: doing them twice does no harm and is answered
 * as once. Inserts and `token/create` make something each time; a second delete is answered 404; unknown actions may do
 * anything.
 */
const repeatableVerbs: ReadonlySet<string> = new Set([
  ...['get', 'getCurrent', 'getNetwork', 'getDeviceType', 'getDeviceTypes', 'list', 'count', 'info', 'cacheInfo'],
  ...[
    'save',
    'update',
    'updateCurrent',
    'put',
    'assignNetwork',
    'unassignNetwork',
    'assignDeviceType',
    'unassignDeviceType',
  ],
  ...['allowAllDeviceTypes', 'disallowAllDeviceTypes', 'refresh', 'subscribe', 'authenticate', 'token'],
]);

/** Whether a request that was sent may be sent again without harm. */
export function isRepeatable(action: string): boolean {
  return repeatableVerbs.has(action.split('/').at(-1) ?? '');
}

/** Whether another connection may succeed where this one failed: it was lost or not made, or met silence. */
export function isPassing(failure: unknown): boolean {
  const { kind } = failure as Partial<Failure>;
  return kind === 'connect' || kind === 'timeout';
}

/**
 * How long to wait before the next try to connect: each pause is twice as long as the one before, with jitter, so that
 * a crowd does not come back at once. Connecting alone ends no series of failures, because a connection may fall as
 * soon as it is made; one that lives 10 s does.
 */
export class Tries {
  readonly #firstMs: number;
  readonly #random: () => number;
  #count = 0;
  #openedMs: number | undefined;

  /** `random` returns 0 ≤ value < 1. */
  constructor(firstMs: number, random: () => number = Math.random) {
    this.#firstMs = firstMs;
    this.#random = random;
  }

  /** How many pauses there were in this series. */
  get count(): number {
    return this.#count;
  }

  /** Returns the next pause, in ms. */
  next(): number {
    return pauseMs(this.#firstMs, ++this.#count, this.#random());
  }

  /** A connection was made. */
  opened(nowMs: number): void {
    this.#openedMs = nowMs;
  }

  /** Whether there is a connection that has lived long enough to end a series of failures. */
  isSteady(nowMs: number): boolean {
    return this.#openedMs !== undefined && nowMs - this.#openedMs >= steadyMs;
  }

  /** It was lost. Returns whether it was steady, and the next pause therefore is the first one again. */
  lost(nowMs: number): boolean {
    const isSteady = this.isSteady(nowMs);
    this.#openedMs = undefined;
    if (isSteady) this.#count = 0;
    return isSteady;
  }
}

/**
 * Pauses between tries, which can all be ended. They grow with the tries of one request, and with the connections in a
 * row that fell soon after they were made, whatever request was on its way then.
 */
export class BackOff {
  readonly #firstMs: number;
  readonly #tries: Tries;
  #falls = 0;
  readonly #waiting = new Map<NodeJS.Timeout, (failure: Failure) => void>();

  constructor(firstMs: number) {
    this.#firstMs = firstMs;
    this.#tries = new Tries(firstMs);
  }

  /** A connection was made. */
  opened(nowMs: number): void {
    this.#tries.opened(nowMs);
  }

  /** It was lost. */
  lost(nowMs: number): void {
    this.#falls = this.#tries.lost(nowMs) ? 0 : this.#falls + 1;
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Waits before the try with this number, counted from 1. Throws what `stop` is given. */
  pause(number: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.#waiting.delete(timer);
          resolve();
        },
        pauseMs(this.#firstMs, Math.max(number, this.#falls), Math.random()),
      );
      this.#waiting.set(timer, reject);
    });
  }

  /** Ends all pauses. */
  stop(failure: Failure): void {
    for (const [timer, reject] of this.#waiting) {
      clearTimeout(timer);
      reject(failure);
    }
    this.#waiting.clear();
  }
}

function pauseMs(firstMs: number, number: number, random: number): number {
  return Math.min(firstMs * 2 ** (number - 1), longestPauseMs) * (0.5 + random / 2);
}
