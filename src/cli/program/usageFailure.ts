import type { CommanderError } from 'commander';
import { Failure } from '../../errors.ts';
import { nouns } from '../flags/commandWords.ts';
import { commandOf, verbsOf } from '../commands/index.ts';
import { commonFlagNames, wordsOf } from '../flags/commonFlags.ts';
import { flagMeant, nounMeant, verbMeant } from '../flags/synonyms.ts';
import { removeReadyFile } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { buildProgram, examplesOf } from './program.ts';

/** Turns commander's error into a failure whose hint suggests the likely meaning and names the right help. */
export function usageFailure(error: CommanderError, argv: readonly string[], io: Io): Failure {
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
  return new Failure('usage', wording(error.message, meantBy(error, argv, io)), { hint });
}

/**
 * Removes the ready file of an earlier run when the command line cannot be read, so that nobody takes it for this
 * run's. Throws nothing.
 */
export function dropReadyFile(argv: readonly string[], io: Io): void {
  const own = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const at = own.findIndex((word) => /^--ready-file(=|$)/.test(word));
  const file = own[at] === '--ready-file' ? own[at + 1] : own[at]?.slice('--ready-file='.length);
  const isForShow = own.includes('--dry-run') || own.some((word) => word.startsWith('--manifest'));
  if (file === undefined || isForShow || !flagsOf(argv, io).includes('ready-file')) return;
  try {
    removeReadyFile(file);
  } catch {
    // what is wrong with the words is said instead
  }
}

function nounsWith(verb: string): readonly string[] {
  return Object.keys(nouns).filter((noun) => verbsOf(noun).some((entry) => entry.verb === verb));
}

/** Returns the equivalent here of a word from another tool: a verb of the noun, a whole command, or a flag. */
function meantBy({ code, message }: CommanderError, argv: readonly string[], io: Io): string | undefined {
  const [noun = '', verb = ''] = wordsOf(argv);
  if (code === 'commander.unknownOption') {
    const flag = flagMeant(/'--?([^'=]+)/.exec(message)?.[1] ?? '', flagsOf(argv, io));
    return flag === undefined ? undefined : `--${flag}`;
  }
  if (code !== 'commander.unknownCommand') return undefined;
  const verbs = (of: string) => verbsOf(of).map((entry) => entry.verb);
  if (Object.hasOwn(nouns, noun)) return verbMeant(verb, verbs(noun));
  const owner = nounMeant(noun) ?? Object.keys(nouns).find((name) => verbMeant(noun, verbs(name)) !== undefined);
  return owner === undefined ? undefined : `${owner} ${verbMeant(noun, verbs(owner)) ?? ''}`;
}

/** The long names of the flags of a command, without dashes. */
function flagsOf(argv: readonly string[], io: Io): string[] {
  const [command] = buildProgram(argv, io).commands;
  const [leaf = command] = command?.commands ?? [];
  return (leaf?.options ?? []).map(({ long }) => (long ?? '').replace(/^--/, ''));
}

/** Returns a shared flag that commander rejects because it comes before noun and verb, or without them. */
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

/** Leaves out the value of an unknown flag: it may be a password behind a mistyped name. */
function wording(message: string, meant: string | undefined): string {
  const suggested =
    meant === undefined ? message : `${message.replace(/\s*\(Did you mean .*/s, '')} (Did you mean ${meant}?)`;
  return suggested
    .replace(/^error: /, '')
    .replace(/\n/g, ' ')
    .replace(/(unknown option '--?[^'=]*)=[^']*'/, "$1'");
}
