import type { Failure } from '../../errors.ts';

/** The longest pause between two tries, in ms. */
const longestPauseMs = 10_000;

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
 * Pauses between tries: they double, with jitter, so that a crowd does not come back at once; they can all be ended.
 */
export class BackOff {
  readonly #firstMs: number;
  readonly #waiting = new Map<NodeJS.Timeout, (failure: Failure) => void>();

  constructor(firstMs: number) {
    this.#firstMs = firstMs;
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Waits before the try with this number, counted from 1. Throws what `stop` is given. */
  pause(number: number): Promise<void> {
    const pauseMs = Math.min(this.#firstMs * 2 ** (number - 1), longestPauseMs) * (0.5 + Math.random() / 2);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(timer);
        resolve();
      }, pauseMs);
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
