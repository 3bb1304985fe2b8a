/**
 * The kinds of expected failures; each has its own exit code on the command line. Errors that are not a `Failure` are
 * bugs and keep their stack.
 */
export type FailureKind =
  | 'usage'
  | 'invalid'
  | 'auth'
  | 'connect'
  | 'refused'
  | 'timeout'
  | 'pending'
  | 'assertion'
  | 'partial'
  | 'generator'
  | 'interrupted';

/** One value at fault: where it is (a flag, a field, a line) and what is wrong with it. */
export interface Problem {
  /** The flag or the field's path, such as `--id` or `command.status`. */
  readonly at: string;
  /** The problem, as the end of a sentence that starts with `at`: `must be >= 1`. */
  readonly message: string;
}

/**
 * How a server is sick: its backend is silent while its frontend answers, or its frontend is silent for all clients.
 */
export type ServerState = 'backend silent' | 'frontend silent';

/** Details of a failure. `code` is the one in the server's reply, `null` where the server gave none. */
export interface FailureDetails {
  readonly hint?: string | undefined;
  readonly code?: number | null;
  readonly action?: string | undefined;
  readonly requestId?: unknown;
  /** The frame that was sent. */
  readonly request?: Readonly<Record<string, unknown>> | undefined;
  /** The server's reply, if there was one. */
  readonly reply?: Readonly<Record<string, unknown>> | undefined;
  readonly problems?: readonly Problem[] | undefined;
  /** Absent where the server is healthy, or its state unknown. */
  readonly serverState?: ServerState | undefined;
  readonly cause?: unknown;
}

/** An expected failure. `message` says what was attempted and what went wrong, `hint` what to do next. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly hint: string | undefined;
  readonly code: number | null;
  readonly action: string | undefined;
  readonly requestId: unknown;
  readonly request: Readonly<Record<string, unknown>> | undefined;
  readonly reply: Readonly<Record<string, unknown>> | undefined;
  readonly problems: readonly Problem[] | undefined;
  readonly serverState: ServerState | undefined;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Failure';
    this.kind = kind;
    this.hint = details.hint;
    this.code = details.code ?? null;
    this.action = details.action;
    this.requestId = details.requestId;
    this.request = details.request;
    this.reply = details.reply;
    this.problems = details.problems;
    this.serverState = details.serverState;
  }
}

/** Returns a copy of a failure with another message; `details` override its own, and `cause` is the original. */
export function reworded(failure: Failure, message: string, details: FailureDetails = {}): Failure {
  const { kind, hint, code, action, requestId, request, reply, problems, serverState } = failure;
  const own = { hint, code, action, requestId, request, reply, problems, serverState, cause: failure };
  return new Failure(kind, message, { ...own, ...details });
}

/** Returns the message of anything thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
