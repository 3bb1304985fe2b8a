import { Option } from 'commander';
import type { RequestSettings } from '../target/settings.ts';
import type { WaitFor, WaitValues } from './waitFor.ts';

/** The flags that make `command insert` wait for the device. */
export function waitOptions(): Option[] {
  return [
    new Option(
      '--wait [status]',
      "wait for the device's answer, or for this status; --timeout then counts, from the reply on, for the device",
    ),
    new Option('--fail-on <statuses>', 'with --wait: statuses that end the wait at once with 9, such as failed,error'),
  ];
}

/** The time of each request while `--timeout` counts for the device. */
export const insertRequestTimeoutMs = 10_000;

/** Reads what to wait for; loads nothing without the flag. */
export async function waitOf(values: WaitValues, { timeoutMs }: RequestSettings): Promise<WaitFor | undefined> {
  if (values.wait === undefined && values.failOn === undefined) return undefined;
  const { waitFor } = await import('./waitFor.ts');
  return waitFor(values, timeoutMs);
}
