import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

/** Costs about 5 ms a check: enough against guessing over the wire, little enough for tests that log in often. */
const cost = { N: 2048, r: 8, p: 1 };

/** A password that can be checked and not read. */
export interface Password {
  matches(given: string): boolean;
}

/** Keeps a password as a salted hash. */
export function hashedPassword(password: string): Password {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, cost);
  return { matches: (given) => timingSafeEqual(scryptSync(given, salt, 32, cost), hash) };
}

/** A password that is hashed at its first check: hashing would cost more than the whole start of a server. */
export function lazyPassword(password: string): Password {
  let hashed: Password | undefined;
  return { matches: (given) => (hashed ??= hashedPassword(password)).matches(given) };
}
