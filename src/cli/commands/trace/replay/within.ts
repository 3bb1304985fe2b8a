import { pause } from '../../../terminal/waiting/pause.ts';

/**
 * Waits for a promise. Returns undefined after `ms`. Throws an interrupted `Failure` on the signal, and the promise's
 * rejection.
 */
export async function within<T>(ms: number, promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const enough = new AbortController();
  const either = AbortSignal.any([signal, enough.signal]);
  const wait = pause(Math.max(ms, 0), either, 'stopped while replaying');
  try {
    return await Promise.race([promise, wait.then(() => undefined)]);
  } finally {
    wait.catch(() => undefined);
    enough.abort();
  }
}
