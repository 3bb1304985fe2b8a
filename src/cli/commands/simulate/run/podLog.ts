import { setTimeout } from 'node:timers/promises';
import type { Io } from '../../../terminal/io.ts';

/** Longer than a container runtime takes to read what is in a pipe. */
const readMs = 500;

/**
 * Waits, in a pod, until the result is in its log. Runtimes read stdout and stderr each for itself and write long lines
 * in pieces, so that what is said on stderr at once would get into the middle of the result.
 */
export async function resultLogged({ shards }: { readonly shards?: string }, io: Io): Promise<void> {
  const isInPod = shards !== undefined && (io.env['JOB_COMPLETION_INDEX'] ?? '') !== '';
  if (isInPod) await setTimeout(readMs);
}
