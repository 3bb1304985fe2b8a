import { Failure } from '../errors.ts';
import { cutText } from './safeText.ts';

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest time that a timer of Node can wait. */
const longestMs = 2 ** 31 - 1;

/** A duration such as `10s`, `1.5m` or `1m30s` in milliseconds; `at` names the flag. Throws a usage `Failure`. */
export function durationMs(text: string, at: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  const totalMs = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitsMs[unit ?? ''] ?? 0), 0);
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
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
