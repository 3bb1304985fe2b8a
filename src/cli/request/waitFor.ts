import { Failure } from '../../errors.ts';
import { durationMs } from '../terminal/durations.ts';

/** The condition that `command insert --wait` waits for. */
export interface WaitFor {
  /** The status that is success; undefined: any update is. */
  readonly status: string | undefined;
  /** Statuses that end the wait at once. */
  readonly failOn: readonly string[];
  /** The signal by which people end the wait, and the keys that give it. */
  readonly stop?: { readonly signal: AbortSignal; readonly keys: string };
  /** How long to wait, in ms after the reply to the insert. */
  readonly timeoutMs: number;
}

/** The flags of waiting, as commander leaves them. */
export interface WaitValues {
  readonly wait?: string | true;
  readonly failOn?: string;
}

/** Reads `--wait[=STATUS]` and `--fail-on A,B`; undefined without `--wait`. Throws a usage `Failure`. */
export function waitFor({ wait, failOn }: WaitValues, timeoutMs: number): WaitFor | undefined {
  const statuses = (failOn ?? '').split(',').map((status) => status.trim());
  if (wait === undefined) {
    if (failOn === undefined) return undefined;
    throw new Failure('usage', '--fail-on means something only with --wait', { hint: 'Add --wait or --wait=STATUS.' });
  }
  if (wait === '')
    throw new Failure('usage', '--wait= lacks a status', { hint: 'Such as --wait=done, or --wait alone.' });
  if (failOn !== undefined && statuses.includes(''))
    throw new Failure('usage', `--fail-on must name statuses, not '${failOn}'`, {
      hint: 'Such as --fail-on failed,error.',
    });
  if (typeof wait === 'string' && statuses.includes(wait))
    throw new Failure('usage', `'${wait}' cannot be both success and failure`, {
      hint: 'Name different statuses in --wait and --fail-on.',
    });
  return {
    status: wait === true ? undefined : wait,
    failOn: failOn === undefined ? [] : statuses,
    timeoutMs,
  };
}

/** Reads a duration of one of the tool's own flags, where it was given. */
export function optionalMs(text: string | undefined, at: string): number | undefined {
  return text === undefined ? undefined : durationMs(text, at);
}
