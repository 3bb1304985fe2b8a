import { readWholeNumber } from '../../flags/wholeNumber.ts';

const range = { least: 1, most: 999, hint: 'One for each core that may be used.' };

/** Returns how many processes share the devices. Throws a usage `Failure`. */
export function processCount({ processes = '1' }: { readonly processes?: string }): number {
  return readWholeNumber(processes, '--processes', range);
}
