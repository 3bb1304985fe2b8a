/**
 * What can go wrong in the field, by name. Each kind is one exit code of the command line;
 * whatever is not a `Failure` is a bug and keeps its stack.
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

/** One value at fault: where it came from (a flag, a field, a line) and what is wrong with it. */
export interface Problem {
  /** The flag or the field's path, such as `--id` or `command.status`. */
  readonly at: string;
  /** What is wrong, as the end of a sentence that starts with `at`: `must be >= 1`. */
  readonly message: string;
}

/**
 * What is known of a server that does not answer as it should: its backend is silent while its frontend answers, or its
 * frontend is silent for everybody.
 */
export type ServerState = 'backend silent' | 'frontend silent';

/** What a failure may carry besides its sentence; `code` is the server's own, `null` where the server said nothing. */
export interface FailureDetails {
  readonly hint?: string | undefined;
  readonly code?: number | null;
  readonly action?: string | undefined;
  readonly requestId?: unknown;
  /** The frame that was sent, for those who print it. */
  readonly request?: Readonly<Record<string, unknown>> | undefined;
  /** The server's reply, when there was one. */
  readonly reply?: Readonly<Record<string, unknown>> | undefined;
  readonly problems?: readonly Problem[] | undefined;
  /** Absent where the server is well, or nothing is known of it. */
  readonly serverState?: ServerState | undefined;
  readonly cause?: unknown;
}

/** An expected failure: says what was attempted and what went wrong in `message`, and what to do next in `hint`. */
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

/** The same failure with another sentence, and with these details in place of its own. */
export function reworded(failure: Failure, message: string, details: FailureDetails = {}): Failure {
  const { kind, hint, code, action, requestId, request, reply, problems, serverState } = failure;
  const own = { hint, code, action, requestId, request, reply, problems, serverState, cause: failure };
  return new Failure(kind, message, { ...own, ...details });
}

/** The text of anything that was thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
