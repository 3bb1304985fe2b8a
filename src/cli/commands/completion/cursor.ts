import { Help, type Argument, type Command, type Option } from 'commander';
import { commonOptions, everyGroup, isCommon, wordsOf } from '../../flags/commonFlags.ts';
import type { CommandTree } from '../toolCommand.ts';

/** The kinds of word that can stand under the cursor. */
export type CursorPlace =
  | { readonly kind: 'command'; readonly commands: readonly Command[] }
  | { readonly kind: 'flag'; readonly options: readonly Option[] }
  | { readonly kind: 'value'; readonly option: Option; readonly leaf: Command | undefined }
  | { readonly kind: 'argument'; readonly argument: Argument }
  | { readonly kind: 'free' };

/** The options and words of the line so far. */
interface Scanned {
  /** Options that may not come again. */
  readonly given: ReadonlySet<Option>;
  /** The option whose value is still missing. */
  readonly pending: Option | undefined;
  /** How many words are neither flags nor values of flags. */
  readonly operands: number;
  /** True after `--`, which ends the flags. */
  readonly isOver: boolean;
}

/** Returns what kind of word `current` is after the words `before`. */
export function cursorPlace(before: readonly string[], current: string, tree: CommandTree): CursorPlace {
  const [noun, verb] = wordsOf(before);
  const program = tree.branch(before);
  const first = program.commands.find((command) => command.name() === noun);
  const isLeaf = first?.commands.length === 0;
  const leaf = isLeaf ? first : first?.commands.find((command) => command.name() === verb);
  const isUnknown = first === undefined ? noun !== undefined : leaf === undefined && verb !== undefined;
  if (isUnknown) return { kind: 'free' };
  const options = optionsOf(leaf ?? first ?? program, noun === undefined);
  const scanned = scan(before, options);
  const { pending, given, isOver } = scanned;
  if (pending !== undefined && (pending.required || !current.startsWith('-')))
    return { kind: 'value', option: pending, leaf };
  if (current.startsWith('-') && !isOver) return flags(options, given);
  if (leaf !== undefined) return leafPlace(leaf, options, scanned, current);
  return isOver ? { kind: 'free' } : { kind: 'command', commands: (first ?? program).commands };
}

/** Returns all options but hidden ones; before the noun also the shared ones. */
function optionsOf(command: Command, isFirst: boolean): readonly Option[] {
  const visible = new Help().visibleOptions(command);
  return isFirst ? [...visible, ...commonOptions(everyGroup)] : visible;
}

function flags(options: readonly Option[], given: ReadonlySet<Option>): CursorPlace {
  return { kind: 'flag', options: options.filter((option) => !given.has(option)) };
}

function leafPlace(
  leaf: Command,
  options: readonly Option[],
  { given, operands, isOver }: Scanned,
  current: string,
): CursorPlace {
  const words = (leaf.parent?.parent ?? null) === null ? 1 : 2;
  const wanted = leaf.registeredArguments;
  const last = wanted.at(-1);
  const argument = wanted[operands - words] ?? (last?.variadic === true ? last : undefined);
  if (argument !== undefined) return { kind: 'argument', argument };
  if (isOver || current !== '') return { kind: 'free' };
  const own = options.filter((option) => !isCommon(option) && option.long !== '--help');
  return flags(own, given);
}

/** Walks over the words as commander does. */
function scan(words: readonly string[], options: readonly Option[]): Scanned {
  const given = new Set<Option>();
  let operands = 0;
  let pending: Option | undefined;
  let isOver = false;
  for (const word of words) {
    if (isOver || pending?.required === true) {
      if (pending === undefined) operands++;
      pending = undefined;
    } else if (word === '--') {
      isOver = true;
      pending = undefined;
    } else if (word.startsWith('-')) {
      const [name = ''] = word.split('=');
      const option = options.find(({ long, short }) => long === name || short === name);
      if (option !== undefined && !isRepeatable(option)) given.add(option);
      pending = word.includes('=') || option === undefined || isSwitch(option) ? undefined : option;
    } else {
      if (pending === undefined) operands++;
      pending = undefined;
    }
  }
  return { given, pending, operands, isOver };
}

function isRepeatable(option: Option): boolean {
  return option.variadic || (option.parseArg !== undefined && option.argChoices === undefined);
}

function isSwitch({ required, optional }: Option): boolean {
  return !required && !optional;
}
