/**
 * Kinds of harm that stop a real server: a message too large for its bus, a wait inside an I/O thread, a client that
 * does not read (PROTOCOL.md 7, Q41 to Q43).
 */
export type HarmKind = 'size' | 'joining' | 'unread';

/** Requests that would have stopped a real server, counted by kind and action. */
export interface Harm {
  readonly kind: HarmKind;
  /** The request at fault, such as `device/list`; `push` for a client that does not read. */
  readonly action: string;
  readonly count: number;
  /** The first of them, and what to send instead. */
  readonly message: string;
}

/** One harm, when it is found. */
export interface HarmFinding {
  readonly kind: HarmKind;
  readonly action: string;
  /** The request and why it stops a real server, as a main clause. */
  readonly cause: string;
  /** The advice: an imperative. */
  readonly instead: string;
}
