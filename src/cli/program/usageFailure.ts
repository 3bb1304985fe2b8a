import type { CommanderError } from 'commander';
import { Failure } from '../../errors.ts';
import { nouns } from '../flags/commandWords.ts';
import { commandOf, verbsOf } from '../commands/index.ts';
import { commonFlagNames, wordsOf } from '../flags/commonFlags.ts';
import { examplesOf } from './program.ts';

/**
 * What commander found wrong with the words themselves; the hint tells what may be meant, and leads to the help that
 * knows better.
 */
export function usageFailure(error: CommanderError, argv: readonly string[]): Failure {
  const words = wordsOf(argv);
  const [noun = ''] = words;
  const known = commandOf(words);
  const help = `Help: ${['devicehive', ...known].join(' ')} --help`;
  if (error.code === 'commander.help') {
    const verbs = verbsOf(noun).map((entry) => entry.verb);
    return new Failure('usage', `a verb is missing: ${verbs.join(', ')}`, { hint: help });
  }
  const misplaced = misplacedFlag(error, argv, noun);
  if (misplaced !== undefined && known.length > 0) {
    const line = ['devicehive', ...known, misplaced].join(' ');
    return new Failure('usage', `${misplaced} stands before the command`, { hint: `Put it behind: ${line} … ${help}` });
  }
  if (misplaced !== undefined && noun === '') {
    const hint = `Without a command it is interactive, on a terminal only. Such as: devicehive device list ${misplaced} … ${help}`;
    return new Failure('usage', 'no command given', { hint });
  }
  const owners = error.code === 'commander.unknownCommand' && known.length === 0 ? nounsWith(noun) : [];
  if (owners.length > 0) {
    const hint = `Its noun goes first: ${owners.join(', ')}. Such as: devicehive ${owners[0] ?? ''} ${noun}. ${help}`;
    return new Failure('usage', `'${noun}' is a verb, and no command alone`, { hint });
  }
  const hint = [advice(error, argv, known), help].filter((text) => text !== '').join(' ');
  return new Failure('usage', wording(error.message), { hint });
}

function nounsWith(verb: string): readonly string[] {
  return Object.keys(nouns).filter((noun) => verbsOf(noun).some((entry) => entry.verb === verb));
}

/** A shared flag that commander does not know because it comes before noun and verb, or without them. */
function misplacedFlag(error: CommanderError, argv: readonly string[], noun: string): string | undefined {
  if (error.code !== 'commander.unknownOption') return undefined;
  const shared = new Set(commonFlagNames());
  return argv
    .slice(0, noun === '' ? argv.length : argv.indexOf(noun))
    .map((part) => part.replace(/=.*/s, ''))
    .find((part) => error.message.includes(`'${part}`) && shared.has(part.replace(/^-+(no-)?/, '')));
}

function advice(error: CommanderError, argv: readonly string[], known: readonly string[]): string {
  const [noun = '', verb] = known;
  const example = noun === '' ? undefined : examplesOf(noun, verb)[0];
  if (example === undefined) return '';
  const { code, message } = error;
  if (code === 'commander.missingArgument') return `Such as: ${example}.`;
  if (code === 'commander.unknownOption' && noun === 'exec' && !argv.includes('--'))
    return `Flags of the command that is run stand after --: ${example}.`;
  if (code === 'commander.excessArguments' && / 0 arguments/.test(message) && example.includes(' --'))
    return `Values are given by flags, in quotes where they hold blanks: ${example}.`;
  return '';
}

/** Without the value of an unknown flag: a password behind a mistyped name is nobody's business. */
function wording(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/\n/g, ' ')
    .replace(/(unknown option '--?[^'=]*)=[^']*'/, "$1'");
}
