import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * A password that can be checked but not read: base64 of SHA-256 over salt and password, as on the real server
 * (PROTOCOL.md 3.7).
 */
export interface Password {
  readonly salt: string;
  readonly hash: string;
}

const saltBytes = 18;

/**
 * True if the real server accepts this new password: one line of 6 to 128 characters, blanks included (PROTOCOL.md
 * 3.7).
 */
export function isAcceptable(password: string): boolean {
  return /^[^\n\r\u0085\u2028\u2029]{6,128}$/u.test(password);
}

/** Returns a password as a salted hash. */
export function hashedPassword(password: string): Password {
  const salt = randomBytes(saltBytes).toString('base64');
  return { salt, hash: hashOf(salt, password).toString('base64') };
}

/** True if the given password matches the hash. */
export function isPassword({ salt, hash }: Password, given: string): boolean {
  const due = Buffer.from(hash, 'base64');
  const found = hashOf(salt, given);
  return due.length === found.length && timingSafeEqual(due, found);
}

function hashOf(salt: string, password: string): Buffer {
  return createHash('sha256')
    .update(salt + password)
    .digest();
}
