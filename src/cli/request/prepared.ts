import type { Failure } from '../../errors.ts';
import type { Frame } from '../../protocol/frames.ts';
import type { Context } from '../target/context.ts';
import type { WaitFor } from './waitFor.ts';

/** A request that is ready to go, and how its result is printed. */
export interface Prepared extends Context {
  readonly action: string;
  readonly payload: Frame;
  /** Fetch every page of a list. */
  readonly all: boolean;
  /** The server may cut this list at its default. */
  readonly isCut: boolean;
  /** The caller's own id of this request, any JSON value; undefined: counted. */
  readonly requestId?: unknown;
  /** Wait for the device's answer to an insert. */
  readonly wait?: WaitFor | undefined;
}

/** One exchange as it is printed: frames, the reply's text and times in milliseconds. */
export interface PrintedExchange {
  readonly request: Frame;
  readonly reply: Frame;
  readonly text?: string;
  readonly replyMs: number;
}

/** The result of a request; `verdict` is the failure that the command ends with after printing. */
export interface Exchanged {
  readonly outcome: PrintedExchange;
  readonly verdict?: Failure | undefined;
  /** The result was printed as it came. */
  readonly isPrinted?: boolean;
}
