import type { Io } from '../terminal/io.ts';
import { cutText } from '../terminal/safeText.ts';

/** True if a text may hold a number that JavaScript would round; a quick look, not a proof. */
export function mayBeRounded(text: string): boolean {
  return /\d{16}|\d[eE]\+?\d{3}/.test(text);
}

/** Notes that a number was rounded; only the reply's own text has all of its digits. */
export async function noteRounded(text: string, io: Io, remedy = '--json alone keeps it'): Promise<void> {
  if (!mayBeRounded(text)) return;
  const { changedNumber } = await import('../flags/values.ts');
  const number = changedNumber(text);
  if (number === undefined) return;
  io.note(`the reply holds ${cutText(number)}, a number beyond 2^53, which is rounded here; ${remedy}`);
}
