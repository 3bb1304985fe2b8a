import { setTimeout } from 'node:timers/promises';
import type { Io } from '../../../terminal/io.ts';

/** Longer than a container runtime takes to read a pipe, in ms. */
const readMs = 500;

/**
 * In a pod, waits until the result is in its log. Runtimes read stdout and stderr separately and write long lines in
 * pieces, so text on stderr would get into the middle of the result.
 */
export async function resultLogged({ shards }: { readonly shards?: string }, io: Io): Promise<void> {
  const isInPod = shards !== undefined && (io.env['JOB_COMPLETION_INDEX'] ?? '') !== '';
  if (isInPod) await setTimeout(readMs);
}
