import { Failure } from '../../errors.ts';
import { cutText } from '../terminal/safeText.ts';

/** The bounds of a flag's number, both included, and how to write it. */
interface WholeNumberRange {
  readonly least: number;
  /** Undefined: no bound worth telling. */
  readonly most?: number;
  readonly hint: string;
}

/** Reads a whole number; `at` names its flag. Throws a usage `Failure`. */
export function readWholeNumber(text: string, at: string, { least, most, hint }: WholeNumberRange): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= (most ?? Infinity)) return value;
  const range = most === undefined ? `from ${least} on` : `from ${least} to ${most}`;
  throw new Failure('usage', `${at} must be a whole number ${range}, not '${cutText(text)}'`, { hint });
}
