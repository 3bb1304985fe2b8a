import type { Fields } from '../reading/fields.ts';
import type { Hive } from '../hive.ts';
import type { JsonText } from '../reading/jsonValues.ts';
import { refuse } from '../outcome.ts';
import type { Principal } from './principal.ts';
import type { Subscriber, SessionSubscription } from '../subscriptions.ts';
import type { ActionName } from '../../protocol/schema.ts';
import type { Replies } from '../../protocol/frames.ts';

/** Who asks: a WebSocket session, or whatever else requests come from. */
export interface Caller extends Subscriber {
  readonly hive: Hive;
  /** Absent until authenticated. */
  principal: Principal | undefined;
  /** The token of the last `authenticate`; one in a handshake does not count (PROTOCOL.md 1.2). */
  token: string | undefined;
  /** What `server/info` tells (PROTOCOL.md 4.1). */
  readonly restServerUrl: string;
  /**
   * Whether handlers work in I/O threads of the real server, as for WebSocket sessions; over REST they do not
   * (PROTOCOL.md 7, Q41).
   */
  readonly runsInIoThread: boolean;
  /**
   * How a device is looked up for this caller: over REST the real server does not ask whether it lies in a network of
   * the client (PROTOCOL.md 7, Q33).
   */
  readonly seesUnassignedDevices: boolean;
  /** The caller's subscriptions by id; absent until the first. */
  subscriptions: Map<number, SessionSubscription> | undefined;
  /** What they listen to together, as `weightOf` counts it. */
  listening: number;
  /** Does something after the reply is on its way. */
  afterReply(task: () => void): void;
}

/** A type of the protocol as handlers give it: free objects are texts already (PROTOCOL.md 6.2). */
export type Wire<T> = T extends readonly (infer Item)[]
  ? Wire<Item>[]
  : T extends object
    ? string extends keyof T
      ? JsonText
      : { readonly [K in keyof T]: Wire<T[K]> }
    : T;

/** What a reply carries that says no more than success. */
export type Nothing = Readonly<Record<string, never>>;

/** Serves one action: gives what the reply carries besides its envelope, or throws a Refusal. */
export type Handler<A extends ActionName> = (request: Fields, caller: Caller) => Wire<Replies[A]>;

/** The principal of a caller who must have one. Throws a Refusal 401. */
export function principalOf(caller: Caller): Principal {
  return caller.principal ?? refuse(401, 'Unauthorized');
}
