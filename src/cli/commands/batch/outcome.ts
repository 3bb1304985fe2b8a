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

/** The line of an answered request; the reply stays the text that it came as. */
export function okLine(line: number, reply: string): string {
  return `{"line":${line},"outcome":"ok","reply":${reply}}\n`;
}

/** The line of everything else. */
export function badLine(line: number, outcome: OutcomeName, error: OutcomeError, reply?: Frame): string {
  return `${JSON.stringify({ line, outcome, ...(reply === undefined ? {} : { reply }), error })}\n`;
}

/** The name of the outcome in a line of outcomes; undefined for anything else. */
export function outcomeNameOf(text: string): OutcomeName | undefined {
  return /^\{"line":\d+,"outcome":"(ok|invalid|refused|timeout|lost|skipped)"/.exec(text)?.[1] as
    OutcomeName | undefined;
}

/**
 * Returns the outcome that a failed request means for its line; a request that was sent may have been carried out even
 * without a reply.
 */
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
