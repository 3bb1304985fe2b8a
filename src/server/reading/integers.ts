import { SpelledNumber, type Json } from './jsonValues.ts';
import { malformed } from '../outcome.ts';

/** A 64-bit integer: a bigint only where a number could not hold it exactly. */
export type Long = number | bigint;

/** Longer numbers are refused unread: reading them takes time that grows faster than they do. */
const maxDigits = 1000;

/**
 * Reads a 64-bit integer as the real server does: fractions are cut, texts must be decimal and in range, numbers out of
 * range wrap (PROTOCOL.md 2.6). Throws a Refusal.
 */
export function longOf(value: Json): Long {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : narrow(wrapped(value));
  if (value instanceof SpelledNumber) return narrow(BigInt.asIntN(64, wholePart(value.text)));
  return narrow(decimal(value, 64));
}

/**
 * Reads a 64-bit integer as the real server's auth service does: numbers with a fraction or out of range are refused
 * (PROTOCOL.md 4.6). Throws a Refusal.
 */
export function exactLongOf(value: Json): Long {
  const long = longOf(value);
  const sent = value instanceof SpelledNumber ? value.text : value;
  return Number(long) === Number(sent) ? long : malformed();
}

/** Reads a 32-bit integer in the same way as `longOf`. */
export function integerOf(value: Json): number {
  if (typeof value === 'number') return Number(BigInt.asIntN(32, BigInt(Math.trunc(value))));
  if (value instanceof SpelledNumber) return Number(BigInt.asIntN(32, wholePart(value.text)));
  return Number(decimal(value, 32));
}

function wrapped(value: number): bigint {
  return BigInt.asIntN(64, BigInt(Math.trunc(value)));
}

/** The whole part of a number as it was spelled; exponents as far as a double reaches. */
function wholePart(text: string): bigint {
  if (text.length > maxDigits) return malformed();
  if (/^-?\d+$/.test(text)) return BigInt(text);
  const value = Math.trunc(Number(text));
  return Number.isFinite(value) ? BigInt(value) : 0n;
}

function decimal(value: Json, bits: 32 | 64): bigint {
  if (typeof value !== 'string' || value.length > maxDigits || !/^[+-]?\d+$/.test(value)) return malformed();
  const whole = BigInt(value.replace('+', ''));
  return BigInt.asIntN(bits, whole) === whole ? whole : malformed();
}

function narrow(value: bigint): Long {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
