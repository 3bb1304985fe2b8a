import { principalOf, type Caller } from '../rights/caller.ts';
import type { Fields } from '../reading/fields.ts';
import type { JsonText } from '../reading/jsonValues.ts';
import { refuse, stumble } from '../outcome.ts';
import { hashedPassword, isAcceptable } from '../rights/passwords.ts';
import type { User } from '../store/users.ts';
import { refuseViolations, sized } from './validation.ts';

/** The fields of a user in a request (PROTOCOL.md 4.34). */
export interface UserFields {
  readonly login: string | undefined;
  readonly password: string | undefined;
  readonly role: number | undefined;
  readonly status: number | undefined;
  readonly data: JsonText | null;
  readonly introReviewed: boolean | undefined;
  readonly allDeviceTypesAvailable: boolean | undefined;
}

/** Returns the `user` object of a request; undefined where it is absent. */
export function readUser(request: Fields): UserFields | undefined {
  const fields = request.object('user');
  return (
    fields && {
      login: fields.text('login'),
      password: fields.text('password'),
      role: fields.integer('role'),
      status: fields.integer('status'),
      data: fields.json('data') ?? null,
      introReviewed: fields.boolean('introReviewed'),
      allDeviceTypesAvailable: fields.boolean('allDeviceTypesAvailable'),
    }
  );
}

/**
 * Changes a user: absent fields keep their values, except `data`, which is always replaced (PROTOCOL.md 4.35). Throws a
 * Refusal.
 */
export function updateUser(user: User, fields: UserFields, caller: Caller): void {
  refuseUpdate(user, fields, caller);
  const { password, role, status, data, introReviewed } = fields;
  caller.hive.users.update(user, {
    login: fields.login?.trim() ?? user.login,
    password: password === undefined || password === '' ? user.password : hashedPassword(password),
    role: role ?? user.role,
    status: status ?? user.status,
    data,
    introReviewed: introReviewed ?? user.introReviewed,
  });
}

function refuseUpdate(user: User, { login, password, role, status }: UserFields, caller: Caller): void {
  const isForAdministrators = login !== undefined || role !== undefined || status !== undefined;
  if (isForAdministrators && !principalOf(caller).isAdministrator)
    refuse(403, 'Admin permissions required for this action');
  const namesake = login === undefined ? undefined : caller.hive.users.byLogin(login.trim());
  if (namesake !== undefined && namesake !== user) loginTaken();
  if (password !== undefined && password !== '' && !isAcceptable(password)) passwordRefused();
  if (outside(role, 1) || outside(status, 2)) stumble(null, 'Invalid request parameters');
  refuseViolations([sized('login', login?.trim(), [1, 128], loginRule)]);
  const problems = login === undefined ? '' : loginProblems(login.trim());
  if (problems !== '') stumble('Could not commit JPA transaction', problems);
}

function outside(value: number | undefined, max: number): boolean {
  return value !== undefined && (value < 0 || value > max);
}

/**
 * Returns what is wrong with a login, in the words of the real server's database entity; empty where nothing is
 * (PROTOCOL.md 4.34).
 */
export function loginProblems(login: string): string {
  const isSized = login.length >= 3 && login.length <= 128;
  return (
    (isSized ? '' : 'Field cannot be empty. The length of login should be from 3 to 128 symbols.') +
    (/^[\w@.-]+$/.test(login)
      ? ''
      : 'Login can contain only lowercase or uppercase letters, numbers, and some special symbols (_@.)')
  );
}

/** The error text for a login of the wrong length, from the check before the database's (PROTOCOL.md 4.34). */
export const loginRule = 'Field login cannot be empty. The length of login should not be more than 128 symbols.';

/** Refuses a password that is too short or too long (PROTOCOL.md 3.7). */
export function passwordRefused(): never {
  return refuse(400, 'Password can contain only from 6 to 128 symbols!');
}

/** Refuses a login that another user has (PROTOCOL.md 4.34). */
export function loginTaken(): never {
  return refuse(403, 'User with such login already exists. Please, select another one');
}
