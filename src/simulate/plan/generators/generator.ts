import type { ValueMoment } from '../model.ts';

/** Returns the next value; `undefined` leaves the field out. */
export type Produce = (moment: ValueMoment) => unknown;

/** The surroundings of a generator in its plan, and the receiver of its problems. */
export interface Scope {
  /** A place in the memory of the template, for what must be remembered from one value to the next. */
  slot(): number;
  /**
   * Tells what is wrong with the generator, as the end of a sentence that begins with its place; nothing can then be
   * compiled.
   */
  problem(message: string): undefined;
  /** A CSV file; a text is what is wrong with it, as the end of a sentence that begins with the file. */
  table(file: string): CsvFile | string;
  /** Names in the state of the device; undefined where nobody knows them all. */
  readonly stateNames: ReadonlySet<string> | undefined;
  /** Whether a command is being answered, so that it has parameters to show. */
  readonly hasCommand: boolean;
  /** Whether a device speaks, so that there is a state to show. */
  readonly hasState: boolean;
}

/** A CSV file: the names in its first line, and its rows. */
export interface CsvFile {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** The rows as they are written: a password of digits is a text. */
  readonly cells: readonly (readonly string[])[];
}

/** The type of an argument: how it is written in a flag, and how its value is checked. */
export interface ArgumentType<Value = unknown> {
  /** The expectation, as the end of `must be …`. */
  readonly expected: string;
  /** The value that a plan would hold, from its spelling in a flag. */
  fromText(text: string): unknown;
  /** The value to work with; undefined where it is not what is expected. */
  read(value: unknown): Value | undefined;
}

/**
 * One argument of a generator, by position in `walk(18,26,0.3)` and by name in `{walk: {from: 18, to: 26, step: 0.3}}`.
 */
export interface Argument {
  readonly name: string;
  readonly type: ArgumentType;
  readonly description: string;
  readonly isRequired?: boolean;
}

/** The arguments of one use of a generator, read; those that were not given are absent. */
export type Arguments = Readonly<Record<string, unknown>>;

/**
 * A kind of value generator: its name, its arguments and what they mean are said here once, for plans, flags, the
 * schema's test and the topic on generators.
 */
export interface Generator {
  readonly name: string;
  /** One sentence for people. */
  readonly summary: string;
  readonly arguments: readonly Argument[];
  /** The argument that takes all further positions, as a list; it must be the last of the positional ones. */
  readonly rest?: string;
  /** How many of the arguments have a position; all unless given. The others are given by name. */
  readonly positions?: number;
  /** A use of it in a flag. */
  readonly example: string;
  /** The same in a plan. */
  readonly planExample: unknown;
  /** Another shape than a list or named arguments, turned into named arguments. */
  readonly named?: (value: unknown) => Readonly<Record<string, unknown>> | undefined;
  compile(given: Arguments, scope: Scope): Produce | undefined;
}
