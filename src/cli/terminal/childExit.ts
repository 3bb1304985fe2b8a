import type { Failure } from '../../errors.ts';

/**
 * The end of a command that was run for the user, or why it could not be started; a shell's exit codes hold, not ours.
 */
export class ChildExit extends Error {
  readonly exitCode: number;
  readonly failure: Failure | undefined;

  constructor(exitCode: number, failure?: Failure) {
    super(failure?.message ?? `the command ended with ${exitCode}`, { cause: failure });
    this.name = 'ChildExit';
    this.exitCode = exitCode;
    this.failure = failure;
  }
}
