import { SpelledNumber, type Json } from './jsonValues.ts';
import { malformed } from '../outcome.ts';

/** A 64-bit integer; a bigint only where a number would not be exact. */
export type Long = number | bigint;

/** Longer numbers are refused unread, because the time to parse one grows faster than its length. */
const maxDigits = 1000;

/**
 * Reads a 64-bit integer as the real server does: cuts fractions, wraps numbers out of range; texts must be decimal and
 * in range (PROTOCOL.md 2.6). Throws a Refusal.
 */
export function longOf(value: Json): Long {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : narrow(wrapped(value));
  if (value instanceof SpelledNumber) return narrow(BigInt.asIntN(64, wholePart(value.text)));
  return narrow(decimal(value, 64));
}

/**
 * Reads a 64-bit integer as the real server's auth service does: refuses numbers with a fraction or out of range
 * (PROTOCOL.md 4.6). Throws a Refusal.
 */
export function exactLongOf(value: Json): Long {
  const long = longOf(value);
  const sent = value instanceof SpelledNumber ? value.text : value;
  return Number(long) === Number(sent) ? long : malformed();
}

/** Reads a 32-bit integer as `longOf` reads a 64-bit one. Throws a Refusal. */
export function integerOf(value: Json): number {
  if (typeof value === 'number') return Number(BigInt.asIntN(32, BigInt(Math.trunc(value))));
  if (value instanceof SpelledNumber) return Number(BigInt.asIntN(32, wholePart(value.text)));
  return Number(decimal(value, 32));
}

function wrapped(value: number): bigint {
  return BigInt.asIntN(64, BigInt(Math.trunc(value)));
}

/** Returns the whole part of a number from its spelling. With an exponent, it is as exact as a double. */
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
