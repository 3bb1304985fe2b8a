import { Failure } from '../../errors.ts';
import { parseDuration } from '../../protocol/notation/quantities.ts';
import { cutText } from './safeText.ts';

/** Returns what is wrong with a typed duration, or undefined. */
export function durationProblem(text: string): string | undefined {
  try {
    durationMs(text, 'it');
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

/** The longest time that a timer of Node can wait. */
const longestMs = 2 ** 31 - 1;

/** A duration such as `10s`, `1.5m` or `1m30s` in milliseconds; `at` names the flag. Throws a usage `Failure`. */
export function durationMs(text: string, at: string): number {
  const totalMs = parseDuration(text);
  if (totalMs === undefined) {
    const hint = /^\d+(\.\d+)?$/.test(text)
      ? `Add a unit: ${text}s or ${text}ms.`
      : 'Write a number with a unit: 500ms, 10s, 1m30s.';
    throw new Failure('usage', `${at} must be a duration such as 10s, not '${cutText(text)}'`, { hint });
  }
  if (totalMs <= 0 || totalMs > longestMs) {
    throw new Failure('usage', `${at} must be more than 0 and at most 24d, not '${cutText(text)}'`, {
      hint: 'Choose a time in between.',
    });
  }
  return totalMs;
}
