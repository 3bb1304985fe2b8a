import assert from 'node:assert/strict';
import { Failure, type FailureKind } from '../../src/errors.ts';

/** Waits for a promise to reject with a failure of this kind and message, and returns the failure. */
export async function failureOf(promise: Promise<unknown>, kind: FailureKind, message?: RegExp): Promise<Failure> {
  const failure = await promise.then(
    () => assert.fail(`expected a failure of kind ${kind}`),
    (error: unknown) => error,
  );
  if (!(failure instanceof Failure)) throw failure;
  assert.equal(failure.kind, kind, failure.message);
  if (message !== undefined) assert.match(failure.message, message);
  return failure;
}
