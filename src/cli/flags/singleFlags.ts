import type { Command, Option } from 'commander';
import { Failure } from '../../errors.ts';

/** Lets a command refuse flags that take one value and are given twice: commander would forget the first value. */
export function refuseRepeats(command: Command): void {
  for (const option of command.options.filter(takesOneValue)) {
    let isGiven = false;
    command.on(`option:${option.name()}`, () => {
      if (isGiven) throw givenTwice(option);
      isGiven = true;
    });
  }
}

/** Flags that collect values have a parser of their own; that of choices collects nothing. */
function takesOneValue({ required, optional, variadic, parseArg, argChoices }: Option): boolean {
  const collects = variadic || (parseArg !== undefined && argChoices === undefined);
  return (required || optional) && !collects;
}

function givenTwice({ long, flags }: Option): Failure {
  return new Failure('usage', `${long ?? flags} takes one value, and is given twice`, { hint: 'Give it once.' });
}
