import { Command } from 'commander';
import { schemaOf, type ActionName } from '../../protocol/schema.ts';
import { actionFor, nouns, single } from '../flags/commandWords.ts';
import { allWords, toolCommand, verbsOf } from '../commands/index.ts';
import { commonOptions, everyGroup, wordsOf, type FlagGroup } from '../flags/commonFlags.ts';
import { refuseRepeats } from '../flags/singleFlags.ts';
import type { Io } from '../terminal/io.ts';
import type { CommandTree } from '../commands/toolCommand.ts';
import { exampleText, requestCommand, requestExamples } from '../request/requestCommand.ts';
import type { CommonValues } from '../target/serverName.ts';
import { helpEnd, topicCall, withoutShared } from './helpEnd.ts';
import { version } from '../terminal/version.ts';
import { own } from '../../protocol/own.ts';

/** Builds the program with the branch that the command line names; the whole outline only if it names none. */
export function buildProgram(argv: readonly string[], io: Io): Command {
  const [noun, verb] = wordsOf(argv);
  const program = root(io);
  if (noun !== undefined && Object.hasOwn(nouns, noun)) program.addCommand(nounCommand(noun, verb, io));
  else if (noun !== undefined && Object.hasOwn(single, noun))
    program.addCommand(leaf(noun, undefined, actionFor(noun, undefined), io));
  else outline(program, io);
  return program;
}

/**
 * Returns the shared flags given on a command line that names no command, without defaults. Throws commander's errors.
 */
export function sharedFlags(argv: readonly string[], io: Io): CommonValues {
  const command = withCommon(root(io), everyGroup).parse(argv, { from: 'user' });
  const given = Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) === 'cli');
  return Object.fromEntries(given);
}

function root(io: Io): Command {
  return quiet(new Command('devicehive'), io)
    .description(
      'Talk to DeviceHive: commands, notifications, devices, and a server for tests.\n\n' +
        'Without noun and verb, on a terminal, it is interactive: choose what to do, and be asked for the rest.',
    )
    .usage('<noun> <verb> [options]')
    .version(version(), '-V, --version', 'print the version')
    .helpOption(...helpFlags)
    .helpCommand(false);
}

const helpFlags = ['-h, --help', 'print help'] as const;

/** Makes commander throw instead of printing: `main` alone writes. */
function quiet(command: Command, io: Io): Command {
  const silent = () => undefined;
  return command.exitOverride().configureOutput({
    writeOut: (text) => io.out(text),
    writeErr: silent,
    outputError: silent,
    getOutHelpWidth: () => (io.stdoutIsTerminal ? process.stdout.columns : helpWidth),
    getOutHasColors: () => false,
  });
}

/** Columns of help where no terminal has a width. */
const helpWidth = 100;

function outline(program: Command, io: Io): void {
  for (const [name, summary] of Object.entries({ ...nouns, ...single })) {
    program.addCommand(quiet(new Command(name), io).description(summary).helpOption(false).helpCommand(false));
  }
  program.addHelpText('after', rootExamples);
}

const rootExamples = `
Examples:
  $ devicehive command update --device d1 --id 42 --status done --embedded
  $ devicehive server start
  $ devicehive command insert --device d1 --command reboot --query command.id
  $ devicehive request server/info

Exit codes: devicehive help exit-codes
Help on a command: devicehive <noun> <verb> --help
Topics: devicehive help`;

function nounCommand(noun: string, verb: string | undefined, io: Io): Command {
  const command = quiet(new Command(noun), io)
    .description(sentence(own(nouns, noun) ?? ''))
    .helpCommand(false)
    .helpOption(...helpFlags)
    .usage('<verb> [options]')
    .addHelpText(
      'after',
      () => `${exampleText(overview(noun))}\n\nFlags: devicehive ${noun} <verb> --help${topicOfSameName(noun)}`,
    );
  const action = verb === undefined ? undefined : actionFor(noun, verb);
  if (verb !== undefined && (action !== undefined || toolCommand(noun, verb) !== undefined)) {
    return command.addCommand(leaf(noun, verb, action, io));
  }
  for (const entry of verbsOf(noun)) command.addCommand(summaryOnly(noun, entry, io));
  return command;
}

/** Returns a line that leads from the help of a noun to the help topic of the same name; empty if there is none. */
function topicOfSameName(noun: string): string {
  return noun === 'configuration' ? `\nSettings of this program: ${topicCall(noun)}` : '';
}

/** One example of each of a noun's first verbs. */
function overview(noun: string): string[] {
  return verbsOf(noun)
    .filter(({ verb }) => verb !== 'delete')
    .slice(0, 4)
    .flatMap(({ verb }) => examplesOf(noun, verb).slice(0, 1));
}

/** Command lines that show how to call a command; at least one. */
export function examplesOf(noun: string, verb: string | undefined): readonly string[] {
  const action = actionFor(noun, verb);
  if (action !== undefined) return requestExamples(action);
  return (toolCommand(noun, verb)?.examples ?? []).map((example) => `devicehive ${example}`);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function summaryOnly(noun: string, { verb, action }: ReturnType<typeof verbsOf>[number], io: Io): Command {
  const summary = action === undefined ? toolCommand(noun, verb)?.summary : schemaOf(action).title;
  return quiet(new Command(verb), io)
    .description(summary ?? '')
    .helpOption(false);
}

/** One command, whole: arguments, flags, help. */
function leaf(noun: string, verb: string | undefined, action: ActionName | undefined, io: Io): Command {
  if (action !== undefined) {
    const command = withCommon(quiet(requestCommand(action, verb ?? noun, io), io), everyGroup);
    return command.addHelpText('after', () => helpEnd(command, noun, verb));
  }
  const own = toolCommand(noun, verb);
  if (own === undefined) throw new Error(`there is no command ${noun} ${verb ?? ''}`);
  const command = quiet(new Command(verb ?? noun), io).description(`${own.summary}.`);
  own.declare(command, io, commandTree(io));
  withCommon(command, own.groups).addHelpText('after', () => exampleText(examplesOf(noun, verb)));
  return command.addHelpText('after', () => helpEnd(command, noun, verb));
}

/** Returns the whole program for commands that describe others. */
export function commandTree(io: Io): CommandTree {
  return {
    branch: (words) => buildProgram(words, io),
    command: (noun, verb) => leaf(noun, verb, actionFor(noun, verb), io),
    allWords,
    toolCommand,
    examples: examplesOf,
  };
}

function withCommon(command: Command, groups: readonly FlagGroup[]): Command {
  command.helpOption(...helpFlags);
  for (const option of commonOptions(groups)) command.addOption(option);
  refuseRepeats(command);
  return withoutShared(command);
}
