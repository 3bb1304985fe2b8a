import type { Command } from 'commander';
import type { FlagGroup } from '../flags/commonFlags.ts';
import type { Io } from '../terminal/io.ts';

/**
 * A command that no action of the protocol stands behind. What it does is loaded when it runs; this only says how it is
 * called.
 */
export interface ToolCommand {
  /** `['server', 'start']`, or one word. */
  readonly words: readonly string[];
  readonly summary: string;
  /** The groups of shared flags that mean something to it. */
  readonly groups: readonly FlagGroup[];
  /** Command lines for help, without `devicehive`. */
  readonly examples: readonly string[];
  /** Exit codes that it may end with besides those that its groups of flags bring along. */
  readonly exitCodes?: readonly number[];
  /** Adds arguments, flags and the action. */
  readonly declare: (command: Command, io: Io) => void;
}
