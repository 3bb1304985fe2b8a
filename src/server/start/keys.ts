import { randomBytes } from 'node:crypto';
import { Failure } from '../../errors.ts';
import { administratorLogin, fillFresh, wellKnownPassword, wellKnownSecret } from './freshContent.ts';
import type { Hive } from '../hive.ts';
import { hashedPassword, isPassword } from '../rights/passwords.ts';
import { secretName } from '../store/configuration.ts';
import { active, administratorRole, type User } from '../store/users.ts';
import { isTooShort, tooShortText } from '../rights/tokens.ts';

/**
 * The keys chosen for a server; those left undefined stay as they are, or become the well-known ones in a fresh server.
 */
export interface Keys {
  /** Signs the tokens. */
  readonly secret: string | undefined;
  /** The administrator's password. */
  readonly adminPassword: string | undefined;
}

/** Fills an empty hive like a fresh installation (PROTOCOL.md 3.7). */
export function fill(hive: Hive, { secret, adminPassword }: Keys, demo: boolean): void {
  fillFresh(hive, { secret: secret ?? wellKnownSecret, adminPassword: adminPassword ?? wellKnownPassword, demo });
}

/**
 * Puts the chosen keys into a filled hive and returns its administrator, who can log in. Throws a usage Failure where
 * there is no active administrator, or where the secret is too short.
 */
export function establish(hive: Hive, { secret, adminPassword }: Keys): User {
  establishSecret(hive, secret);
  const administrator = administratorOf(hive, adminPassword !== undefined);
  if (administrator === undefined) {
    throw new Failure('usage', 'no user is an active administrator, so nobody could administer the server', {
      hint: 'Choose a password for the administrator, which also reactivates one who is locked out or disabled.',
    });
  }
  const isKept = adminPassword === undefined || isPassword(administrator.password, adminPassword);
  if (!isKept) hive.users.update(administrator, { password: hashedPassword(adminPassword) });
  if (administrator.status !== active) hive.users.update(administrator, { status: active, loginAttempts: 0 });
  return administrator;
}

/** Returns which keys of a hive are the well-known ones. */
export function wellKnownKeys(hive: Hive): (keyof Keys)[] {
  const isSecretKnown = hive.configuration.byName(secretName)?.value === wellKnownSecret;
  const password = hive.users.byLogin(administratorLogin)?.password;
  const isPasswordKnown = password !== undefined && isPassword(password, wellKnownPassword);
  return [...(isSecretKnown ? (['secret'] as const) : []), ...(isPasswordKnown ? (['adminPassword'] as const) : [])];
}

/** Stores the chosen secret, or a random one where none is stored, as the real server does (PROTOCOL.md 3.1). */
function establishSecret({ configuration }: Hive, secret: string | undefined): void {
  const stored = configuration.byName(secretName)?.value;
  const chosen = secret ?? stored ?? randomSecret();
  if (chosen !== stored) configuration.put(secretName, chosen);
  if (!isTooShort(chosen)) return;
  throw new Failure('usage', tooShortText, {
    hint: 'Choose a secret of 8 characters or more.',
  });
}

/** 130 random bits in base 32. */
function randomSecret(): string {
  return BigInt(`0x${randomBytes(17).toString('hex')}`)
    .toString(32)
    .padStart(26, '0')
    .slice(-26);
}

/**
 * Returns dhadmin if it is an administrator, else the first one. Locked and disabled ones count only where they are
 * about to be reactivated.
 */
function administratorOf({ users }: Hive, isMended: boolean): User | undefined {
  const isFit = (user: User) => user.role === administratorRole && (isMended || user.status === active);
  const usual = users.byLogin(administratorLogin);
  return usual !== undefined && isFit(usual) ? usual : users.all().find(isFit);
}
