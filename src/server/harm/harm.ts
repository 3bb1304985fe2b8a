/**
 * What stops a real server: a message that its bus does not carry, a wait inside an I/O thread, or a client that does
 * not read (PROTOCOL.md 7, Q41 to Q43).
 */
export type HarmKind = 'size' | 'joining' | 'unread';

/** What would have stopped a real server, and how often it came. */
export interface Harm {
  readonly kind: HarmKind;
  /** The request behind it, such as `device/list`; `push` for a client that does not read. */
  readonly action: string;
  readonly count: number;
  /** What the first of them was, and what to send instead. */
  readonly message: string;
}

/** One harm as it is found. */
export interface HarmFinding {
  readonly kind: HarmKind;
  readonly action: string;
  /** What was asked and why that stops a real server: a main clause. */
  readonly cause: string;
  /** What to do instead: an imperative. */
  readonly instead: string;
}
