import { Failure } from '../../errors.ts';
import { durationMs } from '../terminal/durations.ts';

/** The server takes no more. */
const longestMs = 60_000;

/** Reads `--latency`, in ms. */
export function latencyMs(text: string): number {
  const ms = durationMs(text, '--latency');
  if (ms <= longestMs) return ms;
  const hint = 'A real message bus takes 8 to 20 ms.';
  throw new Failure('usage', `--latency must be at most 1m, not '${text}'`, { hint });
}
