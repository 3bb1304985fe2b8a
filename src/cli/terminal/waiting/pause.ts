import { setTimeout } from 'node:timers/promises';
import { Failure } from '../../../errors.ts';

/** Waits so many ms. Throws an interrupted `Failure` with this sentence where a signal comes first. */
export async function pause(ms: number, signal: AbortSignal, sentence: string): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal });
  } catch (error) {
    throw new Failure('interrupted', sentence, { cause: error });
  }
}
