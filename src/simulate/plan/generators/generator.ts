import type { ValueMoment } from '../model.ts';

/** Returns the next value; `undefined` leaves the field out. */
export type Produce = (moment: ValueMoment) => unknown;

/** What a generator may ask of its plan, and where its problems go. */
export interface Scope {
  /** Reserves a slot in the template's memory, for what is remembered between values. */
  slot(): number;
  /** Reports a problem, as the end of a sentence that begins with the generator's place; it cannot be compiled then. */
  problem(message: string): undefined;
  /** Returns a CSV file, or its problem as the end of a sentence that begins with the file. */
  table(file: string): CsvFile | string;
  /** Names in the state of the device; undefined if they are not all known. */
  readonly stateNames: ReadonlySet<string> | undefined;
  /** True if a command is being answered, whose parameters can be used. */
  readonly hasCommand: boolean;
  /** True if a device speaks, whose state can be used. */
  readonly hasState: boolean;
}

/** A CSV file: the names in its first line, and its rows. */
export interface CsvFile {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** The rows as text: a password of digits stays a text. */
  readonly cells: readonly (readonly string[])[];
}

/** The type of an argument: how flags write it, and how its value is checked. */
export interface ArgumentType<Value = unknown> {
  /** The expected values, as the end of `must be …`. */
  readonly expected: string;
  /** Returns the value as in a plan, from its spelling in a flag. */
  fromText(text: string): unknown;
  /** Returns the checked value; undefined if it is not as expected. */
  read(value: unknown): Value | undefined;
}

/**
 * One argument of a generator, given by position in `walk(18,26,0.3)` or by name in `{walk: {from: 18, to: 26, step:
 * 0.3}}`.
 */
export interface Argument {
  readonly name: string;
  readonly type: ArgumentType;
  readonly description: string;
  readonly isRequired?: boolean;
}

/** The checked arguments of one use of a generator, without those not given. */
export type Arguments = Readonly<Record<string, unknown>>;

/**
 * A kind of value generator. Its name, its arguments and their meaning are written only here, for plans, flags, the
 * schema's test and the help topic on generators.
 */
export interface Generator {
  readonly name: string;
  /** One sentence for people. */
  readonly summary: string;
  readonly arguments: readonly Argument[];
  /** The name of the argument that takes all further positions, as a list; it is the last positional one. */
  readonly rest?: string;
  /** How many of the arguments may be given by position; all by default. The others need a name. */
  readonly positions?: number;
  /** An example in a flag. */
  readonly example: string;
  /** The same example in a plan. */
  readonly planExample: unknown;
  /** Turns a shape other than a list or named arguments into named arguments. */
  readonly named?: (value: unknown) => Readonly<Record<string, unknown>> | undefined;
  compile(given: Arguments, scope: Scope): Produce | undefined;
}
