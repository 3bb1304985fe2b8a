import type { Argument, Option } from 'commander';
import { schemaOf, type ActionName } from '../../../protocol/schema.ts';
import type { Documents } from '../../../protocol/frames.ts';
import { actionFor } from '../../flags/commandWords.ts';
import { commonOptions, everyGroup, isCommon, type FlagGroup } from '../../flags/commonFlags.ts';
import { FieldOption } from '../../flags/fieldOptions.ts';
import { labelled, type Flag } from '../../flags/flags.ts';
import type { CommandTree } from '../toolCommand.ts';
import { version } from '../../terminal/version.ts';
import { variables } from './environment.ts';
import { exits } from './exits.ts';
import { choicesOf, valueName } from '../../flags/optionFacts.ts';

/** Everything that can be called, for programs (schemas/commands.json). */
export type CommandMap = Documents['commands'];

/** One command of the map. */
export type MappedCommand = CommandMap['commands'][number];

/** One flag of the map. */
export type FlagEntry = CommandMap['commonFlags'][number];

/** Returns the whole map, built from the commands that run. */
export function commandMap(program: CommandTree): CommandMap {
  return {
    program: 'devicehive',
    version: version(),
    commands: program.allWords().map(([noun, verb]) => commandEntry(noun, verb, program)),
    commonFlags: commonOptions(everyGroup).map(flagEntry),
    exitCodes: exits.map(({ code, name, when }) => ({ code, name, when: plain(when) })),
    environment: variables.map(({ name, meaning }) => ({ name, meaning })),
  };
}

function commandEntry(noun: string, verb: string | undefined, program: CommandTree): MappedCommand {
  const action = actionFor(noun, verb);
  const command = program.command(noun, verb);
  const own = program.toolCommand(noun, verb);
  const shown = command.options.filter((option) => !option.hidden);
  return {
    words: verb === undefined ? [noun] : [noun, verb],
    summary: (action === undefined ? own?.summary : schemaOf(action).title) ?? '',
    description: command.description(),
    action: action ?? null,
    permission: action === undefined ? null : (schemaOf(action)['x-permission'] ?? null),
    arguments: command.registeredArguments.map(argumentEntry),
    flags: shown.filter((option) => !isCommon(option)).map(flagEntry),
    commonFlags: shown.filter(isCommon).map(longName),
    examples: [...program.examples(noun, verb)],
    exitCodes: exitCodesOf(action, own?.groups ?? everyGroup, own?.exitCodes ?? []),
  };
}

function argumentEntry(argument: Argument): MappedCommand['arguments'][number] {
  const { required, variadic, argChoices, description } = argument;
  return { name: argument.name(), required, variadic, enum: argChoices ?? null, description };
}

function flagEntry(option: Option): FlagEntry {
  const value = valueName(option);
  const plain: FlagEntry = {
    name: longName(option),
    short: option.short ?? null,
    type: value === null ? 'boolean' : 'text',
    value,
    valueOptional: option.optional,
    required: option.mandatory,
    repeatable: option.variadic,
    secret: false,
    enum: choicesOf(option) ?? null,
    default: null,
    path: null,
    description: option.description,
  };
  return option instanceof FieldOption ? fieldEntry(plain, option.field) : plain;
}

/** Returns the flag of a field; for a secret, the flag that names its file. */
function fieldEntry(entry: FlagEntry, { name, path, kind, required, repeatable, secret, schema }: Flag): FlagEntry {
  if (entry.name !== `--${name}`) return { ...entry, path: [...path] };
  const fallback = (schema.default ?? null) as FlagEntry['default'];
  const labels = labelled(schema);
  const text = schema.description ?? '';
  const description = labels === undefined ? text : `${text.replace(/\.$/, '')}: ${labels}.`;
  return { ...entry, type: kind, required, repeatable, secret, default: fallback, path: [...path], description };
}

function longName({ long, flags }: Option): string {
  return long ?? flags;
}

const always = [0, 1, 2, 129, 130, 143];
const whereServersAnswer = [4, 5, 6, 7];

function exitCodesOf(action: ActionName | undefined, groups: readonly FlagGroup[], own: readonly number[]): number[] {
  const asks = groups.some((group) => group === 'target' || group === 'connection');
  const codes = [
    ...always,
    ...(asks ? whereServersAnswer : []),
    ...(groups.includes('request') ? [3] : []),
    ...(groups.includes('target') || groups.includes('output') ? [9] : []),
    ...(action === 'command/insert' ? [8, 9] : []),
    ...own,
  ];
  return [...new Set(codes)].sort((one, other) => one - other);
}

/** Removes the marks of Markdown. */
function plain(text: string): string {
  return text.replaceAll('`', '');
}
