import { Option } from 'commander';
import type { ActionName } from '../../protocol/schema.ts';

/** The flags that repeat an insert, as commander leaves them. */
export interface RepeatValues {
  readonly count?: string;
  readonly every?: string;
}

/** Whether an action inserts a message, which may be repeated with other parameters each time. */
export function isRepeated(action: ActionName): boolean {
  return action === 'command/insert' || action === 'notification/insert';
}

/** The flags that repeat an insert. */
export function repeatOptions(): Option[] {
  return [
    new Option('--count <number>', 'insert so many, each with new values from the generators in --parameters'),
    new Option('--every <duration>', 'insert one each time this has passed, without --count until Ctrl-C'),
  ];
}
