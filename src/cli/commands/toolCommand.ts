import type { Command } from 'commander';
import type { FlagGroup } from '../flags/commonFlags.ts';
import type { Io } from '../terminal/io.ts';

/** The whole program, for commands that describe others; each command is built on demand. */
export interface CommandTree {
  /** Returns the program with the branch of these words only. */
  readonly branch: (words: readonly string[]) => Command;
  /** One command with its arguments, flags and help. */
  readonly command: (noun: string, verb: string | undefined) => Command;
  /** Noun and verb of every command, in help's order; some have one word only. */
  readonly allWords: () => readonly (readonly [noun: string, verb: string | undefined])[];
  /** Returns the declaration of a command without an action of the protocol. */
  readonly toolCommand: (noun: string, verb: string | undefined) => ToolCommand | undefined;
  /** Command lines that show how to call a command. */
  readonly examples: (noun: string, verb: string | undefined) => readonly string[];
}

/** A command without an action of the protocol. Its code is loaded when it runs; this declares its words and flags. */
export interface ToolCommand {
  /** `['server', 'start']`, or one word. */
  readonly words: readonly string[];
  readonly summary: string;
  /** The groups of shared flags that it takes. */
  readonly groups: readonly FlagGroup[];
  /** Command lines for help, without `devicehive`. */
  readonly examples: readonly string[];
  /** Exit codes that it may end with besides those of its groups of flags. */
  readonly exitCodes?: readonly number[];
  /** Adds arguments, flags and the action; `program` serves commands that describe others. */
  readonly declare: (command: Command, io: Io, program: CommandTree) => void;
}
