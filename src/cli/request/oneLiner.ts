import { redactFrame } from '../../protocol/redaction.ts';
import { wordsFor } from '../flags/commandWords.ts';
import { commandFlags } from '../flags/fieldOptions.ts';
import { shellQuote } from '../terminal/shellWords.ts';
import { toWords, valueAt, type Flag } from '../flags/flags.ts';
import type { ActionName } from '../../protocol/schema.ts';
import type { Frame } from '../../protocol/frames.ts';

/** The parts of a command line besides the fields of its request. */
export interface LineOptions {
  /** The words of the command, if they are not those of the action. */
  readonly words?: readonly string[] | undefined;
  /** Words behind the fields. */
  readonly more?: readonly string[];
  /** Returns the name of the file that holds a secret; the user has to create it. */
  readonly fileName?: (flag: Flag) => string;
}

/** Returns the command line of a request, quoted for a POSIX shell. It shows no secret: those come from files. */
export function oneLiner(action: ActionName, payload: Frame, options: LineOptions = {}): string {
  const { words = wordsFor(action), more = [], fileName = () => 'FILE' } = options;
  if (words === undefined) return rawLine(action, payload, more);
  const shown = redactFrame({ action, ...payload });
  const fields = commandFlags(action).flatMap((flag) => fieldWords(flag, payload, shown, fileName(flag)));
  return ['devicehive', ...words.map(shellQuote), ...fields, ...more.map(shellQuote)].join(' ');
}

/** Returns the command line for an action that has no command: `devicehive request …`. */
function rawLine(action: ActionName, payload: Frame, more: readonly string[]): string {
  const data = Object.keys(payload).length === 0 ? [] : ['--data', JSON.stringify(payload)];
  return ['devicehive', 'request', action, ...data, ...more].map(shellQuote).join(' ');
}

function fieldWords(flag: Flag, payload: Frame, shown: Frame, file: string): string[] {
  if (valueAt(flag, payload) === undefined) return [];
  if (flag.secret) return [`--${flag.name}-file`, file];
  const isHidden = JSON.stringify(valueAt(flag, payload)) !== JSON.stringify(valueAt(flag, shown));
  if (!isHidden) return toWords([flag], payload).map(shellQuote);
  return [`--${flag.name}`, flag.kind === 'json' ? `@${file}` : `"$(cat ${file})"`];
}
