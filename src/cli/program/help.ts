import { Failure } from '../../errors.ts';
import { commandOf } from '../commands/index.ts';
import { wordsOf } from '../flags/commonFlags.ts';
import { nouns } from '../flags/commandWords.ts';

/**
 * A command line that asks for help, as commander understands it: `help command update` and `-h command update` are
 * `command update --help`. Words that name no command come back without the flag, so that they are refused. Throws a
 * usage `Failure` where more words follow `help` than name a command.
 */
export function helpAsFlag(argv: readonly string[]): readonly string[] {
  const isHelp = argv[0] === 'help';
  const helpAt = argv.findIndex((word) => /^(-h|--help|--)$/.test(word));
  if (!isHelp && (helpAt === -1 || argv[helpAt] === '--')) return argv;
  const words = wordsOf(isHelp ? argv.slice(1) : argv, 3);
  if (isHelp && words[0] === 'topic') return ['help', ...words.slice(1)];
  const known = commandOf(words);
  if (isHelp && (words.length === 0 || (known.length === 0 && words.length === 1))) return ['help', ...words];
  const named = words.slice(0, Object.hasOwn(nouns, words[0] ?? '') ? 2 : 1);
  if (known.length < named.length) return named;
  if (isHelp && known.length < words.length) throw noCommand(words[known.length] ?? '', known);
  const isEarly = wordsOf(argv.slice(0, helpAt)).length < known.length;
  return isHelp || isEarly ? [...known, '--help'] : argv;
}

function noCommand(word: string, known: readonly string[]): Failure {
  return new Failure('usage', `'${word}' is no part of a command's name`, {
    hint: `Help: devicehive ${known.join(' ')} --help`,
  });
}
