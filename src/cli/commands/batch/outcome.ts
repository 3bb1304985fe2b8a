import { Failure, messageOf, type Problem } from '../../../errors.ts';
import type { Frame } from '../../../protocol/frames.ts';

/** How a line ended. */
export type OutcomeName = 'ok' | 'invalid' | 'refused' | 'timeout' | 'lost' | 'skipped';

/** Why a line is not ok. */
export interface OutcomeError {
  readonly kind: string;
  readonly code?: number;
  readonly message: string;
  readonly hint?: string;
  readonly problems?: readonly Problem[];
}

/** Returns the output line of an answered request; the reply stays the text that was received. */
export function okLine(line: number, reply: string): string {
  return `{"line":${line},"outcome":"ok","reply":${reply}}\n`;
}

/** Returns the output line of any outcome but `ok`. */
export function badLine(line: number, outcome: OutcomeName, error: OutcomeError, reply?: Frame): string {
  return `${JSON.stringify({ line, outcome, ...(reply === undefined ? {} : { reply }), error })}\n`;
}

/** Returns the outcome that an output line names; undefined for any other text. */
export function outcomeNameOf(text: string): OutcomeName | undefined {
  return /^\{"line":\d+,"outcome":"(ok|invalid|refused|timeout|lost|skipped)"/.exec(text)?.[1] as
    OutcomeName | undefined;
}

/** Returns the outcome of a line whose request failed. One that was sent may have been carried out without a reply. */
export function outcomeOf({ kind }: Failure, wasSent: boolean): OutcomeName {
  if (kind === 'refused' || kind === 'auth') return 'refused';
  if (kind === 'invalid') return 'invalid';
  if (!wasSent) return 'skipped';
  return kind === 'timeout' ? 'timeout' : 'lost';
}

export function errorOf(error: unknown): OutcomeError {
  if (!(error instanceof Failure)) return { kind: 'internal', message: messageOf(error) };
  const { kind, code, message, hint, problems } = error;
  return {
    kind,
    ...(code === null ? {} : { code }),
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(problems === undefined ? {} : { problems }),
  };
}
