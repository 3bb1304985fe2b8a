/**
 * The library: a DeviceHive server and clients in the process of whoever imports it. Importing it does nothing by
 * itself: no listeners for signals, nothing read or written, and nothing keeps the process alive once what was started
 * is closed.
 */
import {
  connect as connectTuned,
  type Connection as AnyConnection,
  type ConnectOptions,
  type Exchange,
  type RequestOptions,
  type Subscription,
} from './client/index.ts';
import type { Frame, Push, Requests, SubscribeAction } from './protocol/frames.ts';
import type { ActionName } from './protocol/schema.ts';

export {
  ManualClock,
  startServer,
  type Clock,
  type Harm,
  type HarmKind,
  type LogEntry,
  type RunningServer,
  type Seed,
  type ServerOptions,
} from './server/index.ts';
export { Failure, type FailureDetails, type FailureKind, type Problem } from './errors.ts';
export type {
  Closed,
  ConnectOptions,
  Bearer,
  Credentials,
  Exchange,
  Posting,
  RequestOptions,
  Subscription,
  Tokens,
  TraceEvent,
} from './client/index.ts';
export type {
  Frame,
  Push,
  Pushes,
  PushFrame,
  Replies,
  Reply,
  ReplyFrame,
  RequestFrame,
  Requests,
  SubscribeAction,
} from './protocol/frames.ts';
export type { ActionName } from './protocol/schema.ts';
export type {
  Behaviour,
  BehaviourCase,
  BehaviourCommand,
  BehaviourDevice,
  BehaviourRandom,
  CommandAnswer,
  CommandHandler,
} from './simulate/index.ts';

/** One conversation with a DeviceHive server. The compiler checks the fields of every action that the protocol has. */
export interface Connection extends Omit<AnyConnection, 'request' | 'subscribe'> {
  /**
   * Sends a request and waits for its success reply. Throws a `Failure`: `auth` (401, 403), `refused` (any other error
   * reply, or diagnosed silence), `timeout`, `connect` (the connection is lost), `invalid` (too large, or its id is in
   * use), `interrupted`.
   */
  request<A extends ActionName>(action: A, payload: Requests[A], options?: RequestOptions): Promise<Exchange<A>>;
  /** Sends what the protocol has no action for. */
  request<A extends string>(
    action: A extends ActionName ? never : A,
    payload: Frame,
    options?: RequestOptions,
  ): Promise<Exchange>;
  /**
   * Subscribes; pushes that came before the reply are delivered first. Throws as `request` does.
   *
   * A real DeviceHive that knows only the networks or only the device types of a subscription without `deviceId`, from
   * its fields or from the token, may freeze for everyone while it looks up the others. So such a request names both:
   * `network/list` and `devicetype/list` are read before, and where the token may not read them it is the token's own
   * ids that are named. With a token that reaches everything, a device that turns up in a network or of a type that was
   * not listed is followed by one more subscription, which is part of this one; with others the lists stay as they
   * were. Throws `auth`, and sends nothing, where a list is empty or cannot be known. What `request` sends is never
   * completed.
   */
  subscribe<A extends SubscribeAction>(
    action: A,
    payload: Requests[A],
    options?: RequestOptions,
  ): Promise<Subscription<Push<A>>>;
}

/**
 * Connects to a DeviceHive server and, with credentials, authenticates. Throws a `Failure`: `connect`, `auth`,
 * `timeout` (an unanswered `authenticate`), `refused`, `interrupted`, or `usage` (the URL, proxy or certificate
 * authority cannot be used).
 */
export function connect(options: ConnectOptions): Promise<Connection> {
  return connectTuned(options);
}
