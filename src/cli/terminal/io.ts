import type { Failure } from '../../errors.ts';
import type { Doing } from './waiting/waitLine.ts';

/** The world as a command sees it: streams, environment, working folder. One instance for each process. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP; its reason is the signal's name. */
  readonly signal: AbortSignal;
  /** All of stdin as text; a second call gets a Failure. */
  readStdin(): Promise<string>;
  /** How to say something on stderr while a prompt is drawn there; set by whoever draws. */
  aside?: (say: () => void) => void;
  /** Results only. */
  out(text: string): void;
  /** Everything else, as it stands. */
  err(text: string): void;
  /** A line of a log on stderr: never waits for its reader; what nobody reads is dropped, and the loss told. */
  log(text: string): void;
  /** A remark on stderr, on one line; silent with --quiet, held back while errors are JSON. */
  note(text: string): void;
  /** Like a note, but said even with --quiet. */
  warn(text: string): void;
  /** A warning of harm that a flag allows: said once a process, however often it is done. */
  danger(text: string): void;
  /** A note on what begins now and lasts: not held back, but left out where a program reads errors as JSON. */
  progress(text: string): void;
  /**
   * Shows on a terminal what is waited for, with the seconds, once it takes longer than one; what is returned ends it.
   * Undefined: something else is drawn meanwhile.
   */
  busy(doing: Doing): () => void;
  /** How the command ends where it would have ended well; the first objection counts. */
  object(failure: Failure): void;
}

/** How messages are written; known before the command line is parsed, because parsing may fail. */
export interface Manner {
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Returns the width of the terminal that results go to; undefined if they go elsewhere. */
export function terminalWidth(io: Io): number | undefined {
  return io.stdoutIsTerminal ? process.stdout.columns || 80 : undefined;
}
