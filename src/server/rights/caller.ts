import type { Fields } from '../reading/fields.ts';
import type { Hive } from '../hive.ts';
import type { JsonText } from '../reading/jsonValues.ts';
import { refuse } from '../outcome.ts';
import type { Principal } from './principal.ts';
import type { Subscriber, SessionSubscription } from '../subscriptions.ts';
import type { ActionName } from '../../protocol/schema.ts';
import type { Replies } from '../../protocol/frames.ts';

/** The origin of a request: a WebSocket session or a REST request. */
export interface Caller extends Subscriber {
  readonly hive: Hive;
  /** Absent until authenticated. */
  principal: Principal | undefined;
  /** The token of the last `authenticate`; a token in the handshake does not count (PROTOCOL.md 1.2). */
  token: string | undefined;
  /** The URL that `server/info` reports (PROTOCOL.md 4.1). */
  readonly restServerUrl: string;
  /**
   * True if the real server would run the handlers in I/O threads, as it does for WebSocket but not for REST
   * (PROTOCOL.md 7, Q41).
   */
  readonly runsInIoThread: boolean;
  /**
   * True over REST, where the real server looks up devices without checking that a client's networks include them
   * (PROTOCOL.md 7, Q33).
   */
  readonly seesUnassignedDevices: boolean;
  /** The caller's subscriptions by id; absent until the first. */
  subscriptions: Map<number, SessionSubscription> | undefined;
  /** The sum of `weightOf` over its subscriptions. */
  listening: number;
  /** Runs a task once the reply is on its way. */
  afterReply(task: () => void): void;
}

/** A protocol type as handlers return it: free-form objects are already JSON text (PROTOCOL.md 6.2). */
export type Wire<T> = T extends readonly (infer Item)[]
  ? Wire<Item>[]
  : T extends object
    ? string extends keyof T
      ? JsonText
      : { readonly [K in keyof T]: Wire<T[K]> }
    : T;

/** The content of a reply that only reports success. */
export type Nothing = Readonly<Record<string, never>>;

/** Serves one action: returns the reply without its envelope, or throws a Refusal. */
export type Handler<A extends ActionName> = (request: Fields, caller: Caller) => Wire<Replies[A]>;

/** Returns the caller's principal. Throws a Refusal 401 where there is none. */
export function principalOf(caller: Caller): Principal {
  return caller.principal ?? refuse(401, 'Unauthorized');
}
