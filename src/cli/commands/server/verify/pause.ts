import { setTimeout } from 'node:timers/promises';
import { interruption } from './line.ts';

/** Waits. Throws an interrupted `Failure`. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(Math.max(ms, 0), undefined, { signal });
  } catch {
    throw interruption();
  }
}
