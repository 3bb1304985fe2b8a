import type { JsonText } from '../json.ts';
import type { Password } from '../passwords.ts';
import type { ConfigurationStore } from './configuration.ts';

/** Values of `status` (protocol.md 6.7). */
export const active = 0;
/** The status of a user who gave too many wrong passwords (protocol.md 6.7). */
export const lockedOut = 1;

/** A user (protocol.md 6.7). */
export interface User {
  readonly id: number;
  login: string;
  password: Password;
  /** 0 administrator, 1 client. */
  role: number;
  /** 0 active, 1 locked out, 2 disabled. */
  status: number;
  /** Ms since 1970. */
  lastLogin: number | null;
  data: JsonText | null;
  introReviewed: boolean;
  allDeviceTypesAvailable: boolean;
  /** Failed logins since the last good one. */
  loginAttempts: number;
  /** Ids of the assigned networks. */
  readonly networks: Set<number>;
  /** Ids of the assigned device types; they count only without `allDeviceTypesAvailable`. */
  readonly deviceTypes: Set<number>;
}

/** All users, by id and by login. */
export class UserStore {
  readonly #byId = new Map<number, User>();
  readonly #byLogin = new Map<string, User>();
  #lastId = 0;

  find(id: number | bigint): User | undefined {
    return this.#byId.get(id as number);
  }

  byLogin(login: string): User | undefined {
    return this.#byLogin.get(login);
  }

  all(): User[] {
    return [...this.#byId.values()];
  }

  insert(fields: Omit<User, 'id' | 'lastLogin' | 'loginAttempts' | 'networks' | 'deviceTypes'>): User {
    const fresh = { lastLogin: null, loginAttempts: 0, networks: new Set<number>(), deviceTypes: new Set<number>() };
    const user: User = { id: ++this.#lastId, ...fields, ...fresh };
    this.#byId.set(user.id, user);
    this.#byLogin.set(user.login, user);
    return user;
  }

  rename(user: User, login: string): void {
    this.#byLogin.delete(user.login);
    user.login = login;
    this.#byLogin.set(login, user);
  }

  delete(user: User): void {
    this.#byId.delete(user.id);
    this.#byLogin.delete(user.login);
  }
}

/** Notes a good login: failed ones are forgotten, and the time is kept if the last one is long enough ago (protocol.md 3.6). */
export function touchLogin(user: User, configuration: ConfigurationStore, nowMs: number): void {
  user.loginAttempts = 0;
  const pauseMs = configuration.number('user.login.lastTimeout', 1000);
  if (user.lastLogin === null || nowMs - user.lastLogin > pauseMs) user.lastLogin = nowMs;
}

/** Notes a failed login; the tenth in a row locks the user out (protocol.md 3.7). */
export function countFailedLogin(user: User, configuration: ConfigurationStore): void {
  user.loginAttempts++;
  if (user.loginAttempts < configuration.number('user.login.maxAttempts', 10)) return;
  user.status = lockedOut;
  user.loginAttempts = 0;
}
