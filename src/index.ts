/**
 * The library: DeviceHive clients and a server in the importing process. Importing it has no side effects: it adds no
 * signal handlers, reads and writes nothing, and keeps the process alive only while something that it started is open.
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

/** One conversation with a DeviceHive server. The compiler checks the fields of every action of the protocol. */
export interface Connection extends Omit<AnyConnection, 'request' | 'subscribe'> {
  /**
   * Sends a request and waits for its success reply. Throws a `Failure`: `auth` (401, 403), `refused` (any other error
   * reply, or diagnosed silence), `timeout`, `connect` (the connection is lost), `invalid` (too large, or its id is in
   * use), `interrupted`.
   */
  request<A extends ActionName>(action: A, payload: Requests[A], options?: RequestOptions): Promise<Exchange<A>>;
  /** Sends an action that the protocol does not define. */
  request<A extends string>(
    action: A extends ActionName ? never : A,
    payload: Frame,
    options?: RequestOptions,
  ): Promise<Exchange>;
  /**
   * Subscribes; pushes that arrived before the reply are delivered first. Throws as `request` does.
   *
   * A real DeviceHive may freeze for all clients while it looks up the networks or device types that neither the fields
   * nor the token of a subscription name. So a subscription without `deviceId` names both: it first reads
   * `network/list` and `devicetype/list`, or uses the token's own ids where the token may not read these. With a token
   * that reaches everything, a device that appears in an unlisted network or type is followed by one more subscription,
   * which belongs to this one; otherwise the lists stay as they are. Throws `auth`, and sends nothing, where a list is
   * empty or unknown. Payloads of `request` are sent as they are.
   */
  subscribe<A extends SubscribeAction>(
    action: A,
    payload: Requests[A],
    options?: RequestOptions,
  ): Promise<Subscription<Push<A>>>;
}

/**
 * Connects to a DeviceHive server and, with credentials, authenticates. Throws a `Failure`: `connect`, `auth`,
 * `timeout` (no answer to `authenticate`), `refused`, `interrupted`, or `usage` (unusable URL, proxy or certificate
 * authority).
 */
export function connect(options: ConnectOptions): Promise<Connection> {
  return connectTuned(options);
}
