import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * A password that can be checked and not read: base64 of SHA-256 over salt and password, as the real server keeps it
 * (PROTOCOL.md 3.7).
 */
export interface Password {
  readonly salt: string;
  readonly hash: string;
}

const saltBytes = 18;

/**
 * Whether a new password is one that the real server takes: 6 to 128 signs in one line, blanks among them (PROTOCOL.md
 * 3.7).
 */
export function isAcceptable(password: string): boolean {
  return /^[^\n\r\u0085\u2028\u2029]{6,128}$/u.test(password);
}

/** Keeps a password as a salted hash. */
export function hashedPassword(password: string): Password {
  const salt = randomBytes(saltBytes).toString('base64');
  return { salt, hash: hashOf(salt, password).toString('base64') };
}

/** Whether this is the password. */
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
