import type { JsonText } from '../reading/jsonValues.ts';
import type { Password } from '../rights/passwords.ts';
import type { ConfigurationStore } from './configuration.ts';
import { NamedStore } from './entities.ts';

/** The `status` of an active user (PROTOCOL.md 6.7). */
export const active = 0;
/** The `status` of a user locked out after too many wrong passwords (PROTOCOL.md 6.7). */
export const lockedOut = 1;

/** The `role` of an administrator (PROTOCOL.md 6.7). */
export const administratorRole = 0;

/** A user (PROTOCOL.md 6.7). */
export interface User {
  readonly id: number;
  readonly login: string;
  readonly password: Password;
  /** 0 administrator, 1 client. */
  readonly role: number;
  /** 0 active, 1 locked out, 2 disabled. */
  readonly status: number;
  /** Ms since 1970. */
  readonly lastLogin: number | null;
  readonly data: JsonText | null;
  readonly introReviewed: boolean;
  readonly allDeviceTypesAvailable: boolean;
  /** Failed logins since the last successful one. */
  readonly loginAttempts: number;
  /** Ids of the assigned networks. */
  readonly networks: ReadonlySet<number>;
  /** Ids of the assigned device types; they count only without `allDeviceTypesAvailable`. */
  readonly deviceTypes: ReadonlySet<number>;
}

/** Fields that a new user gets by default. */
type Later = 'id' | 'lastLogin' | 'loginAttempts' | 'networks' | 'deviceTypes';

/** The fields of a user that hold the ids of assigned groups. */
export type Assignments = 'networks' | 'deviceTypes';

/** All users, by id and by login. */
export class UserStore extends NamedStore<User> {
  constructor() {
    super(({ login }) => login);
  }

  byLogin(login: string): User | undefined {
    return this.byName(login);
  }

  /** Adds a user who has never logged in and has nothing assigned. */
  create(fields: Omit<User, Later>): User {
    return this.insert({ ...fields, lastLogin: null, loginAttempts: 0, networks: new Set(), deviceTypes: new Set() });
  }

  assign(user: User, kind: Assignments, id: number): void {
    if (!user[kind].has(id)) this.update(user, { [kind]: new Set(user[kind]).add(id) });
  }

  unassign(user: User, kind: Assignments, id: number): void {
    if (user[kind].has(id)) this.update(user, { [kind]: new Set([...user[kind]].filter((other) => other !== id)) });
  }

  /**
   * Records a successful login: resets the failed ones, and updates the time if the last login is long enough ago
   * (PROTOCOL.md 3.6).
   */
  noteLogin(user: User, configuration: ConfigurationStore, nowMs: number): void {
    const pauseMs = configuration.number('user.login.lastTimeout', 1000);
    const isLate = user.lastLogin === null || nowMs - user.lastLogin > pauseMs;
    if (isLate) this.update(user, { loginAttempts: 0, lastLogin: nowMs });
    else if (user.loginAttempts > 0) this.update(user, { loginAttempts: 0 });
  }

  /** Records a failed login; the tenth in a row locks the user out (PROTOCOL.md 3.7). */
  noteFailedLogin(user: User, configuration: ConfigurationStore): void {
    const loginAttempts = user.loginAttempts + 1;
    const isLast = loginAttempts >= configuration.number('user.login.maxAttempts', 10);
    this.update(user, isLast ? { status: lockedOut, loginAttempts: 0 } : { loginAttempts });
  }
}
