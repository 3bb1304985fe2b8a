import type { Io } from '../terminal/io.ts';
import { cutText } from '../terminal/safeText.ts';

/** Whether a text holds a number that JavaScript cannot keep, as far as a look tells. */
export function mayBeRounded(text: string): boolean {
  return /\d{16}|\d[eE]\+?\d{3}/.test(text);
}

/** Only the reply as it came has all digits of a number that JavaScript cannot keep. */
export async function noteRounded(text: string, io: Io, remedy = '--json alone keeps it'): Promise<void> {
  if (!mayBeRounded(text)) return;
  const { changedNumber } = await import('../flags/values.ts');
  const number = changedNumber(text);
  if (number === undefined) return;
  io.note(`the reply holds ${cutText(number)}, a number beyond 2^53, which is rounded here; ${remedy}`);
}
