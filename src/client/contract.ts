import type { ActionName } from '../protocol/schema.ts';
import type {
  Frame,
  Push,
  PushFrame,
  Reply,
  ReplyFrame,
  RequestFrame,
  Requests,
  SubscribeAction,
} from '../protocol/frames.ts';
import type { TokenClaims } from '../protocol/tokens.ts';

/** The tokens after a login or a refresh; a refresh brings no new refresh token (PROTOCOL.md 4.7). */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
}

/**
 * The credentials of a connection: any subset. Tokens are never refused locally, only the access token's expiry is
 * read.
 */
export interface Credentials {
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly login?: string;
  readonly password?: string;
  /**
   * Called with new tokens after a refresh or a login, so that the caller can store them; what it throws, the request
   * or `connect` throws.
   */
  readonly onTokens?: (tokens: Tokens) => void | Promise<void>;
}

/** One step of the wire trace; `text` is redacted already, `atMs` counts from 1970 and has a fraction. */
export interface TraceEvent {
  readonly kind: 'opened' | 'sent' | 'received' | 'closed';
  readonly atMs: number;
  /** The number of the socket in this process; they are counted from 1 as they open. */
  readonly connection: number;
  readonly url: string;
  readonly text?: string;
  /** Of a sent `authenticate`: whose token it carries, as far as that says. */
  readonly bearer?: Bearer;
  readonly code?: number;
  readonly reason?: string;
}

/**
 * The owner and permissions of an access token; a field is `undefined` if the token leaves it out, and `null` if it
 * says null.
 */
export type Bearer = Pick<TokenClaims, 'userId' | 'actions' | 'networks' | 'deviceTypes'>;

/** Where and how to connect; all times in milliseconds. */
export interface ConnectOptions {
  /** `ws://` or `wss://`: with a path exactly as given; without one at `/dh/websocket` or else at `/api/websocket`. */
  readonly url: string;
  /** Without any the session stays anonymous. */
  readonly credentials?: Credentials;
  /** Default 5000; ends with the 101. */
  readonly connectTimeoutMs?: number;
  /** Default 10000, for each request, `authenticate` included. */
  readonly timeoutMs?: number;
  /** Default 0. How often connecting, and a request that may be repeated without harm, is tried again. */
  readonly retries?: number;
  /** Certificate authorities for `wss`, as PEM text, besides the system's. */
  readonly ca?: string;
  /** A certificate of one's own for `wss`, as PEM text, for servers that want one. */
  readonly cert?: string;
  /** The private key of `cert`, as PEM text; absent where `cert` holds it too. */
  readonly key?: string;
  /** Default false. True accepts any certificate of a `wss` server, so that anybody on the way may read and change. */
  readonly insecureTls?: boolean;
  /** Headers of the handshake besides its own, such as a gateway wants; no trace shows them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default true: silence is diagnosed. */
  readonly probe?: boolean;
  /**
   * Default 25,000. How often the server is pinged, in ms; a connection on which nothing comes within 10 s of a ping is
   * lost. 0: never.
   */
  readonly pingMs?: number;
  /** Default false: a command, result or notification over 900 KiB is refused before it is sent. */
  readonly allowLarge?: boolean;
  /** Default true: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are honoured; loopback needs no proxy. */
  readonly proxy?: boolean;
  /** An address of this machine to connect from; the system's choice where absent. */
  readonly localAddress?: string;
  /** Default 1: where the ids of its own requests count from; callers who give ids themselves keep them apart. */
  readonly firstRequestId?: number;
  readonly trace?: (event: TraceEvent) => void;
  /**
   * Ends connecting and everything that is pending with a `Failure` of kind `interrupted`; unsubscribing and closing
   * still work.
   */
  readonly signal?: AbortSignal;
  /** Default 10000 a subscription: more unread pushes end its iterator with a `Failure`. */
  readonly maxQueuedPushes?: number;
}

/** How one request is sent. */
export interface RequestOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** The caller's own id, any JSON value that no pending request has; without one, integers count from 1. */
  readonly requestId?: unknown;
}

/** How one subscription is made. */
export interface SubscribeOptions extends RequestOptions {
  /** Default false. True sends the fields as they are, without looking up a list that is missing: replays need that. */
  readonly asGiven?: boolean;
}

/**
 * A request as text, and who hears of its end: what thousands of requests a second cost less with than with promises.
 * Exactly one of the two is called, once; neither may throw.
 */
export interface Posting {
  readonly action: string;
  /** The parsed `text`; used only if the request meets silence or fails. */
  readonly payload: Frame;
  /**
   * The frame as JSON: an object with at least one field, its `{` first. It holds `requestId` exactly where that is
   * given.
   */
  readonly text: string;
  /** The caller's own id, as in `RequestOptions`. */
  readonly requestId?: unknown;
  /** The success reply, and its text exactly as it came. */
  onReply(reply: ReplyFrame, text: string): void;
  /** A `Failure`, as `Connection.request` throws it; `wasSent` is false where no server can have seen the request. */
  onFailure(error: unknown, wasSent: boolean): void;
  /**
   * Called once when the time for the reply is over, in place of failing: the request goes on waiting, be it to the end
   * of the connection.
   */
  onLate?(error: unknown): void;
}

type ReplyTo<A extends string> = A extends ActionName ? Reply<A> : ReplyFrame;

/** A request and its success reply. */
export interface Exchange<A extends string = string> {
  readonly request: RequestFrame;
  readonly reply: ReplyTo<A>;
  /** The reply exactly as it came. */
  readonly text: string;
  readonly replyMs: number;
}

/** How a connection ended. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/**
 * The pushes of one subscription, in the order they came, for one reader. The iterator ends when unsubscribed or when
 * the connection was closed by this side; it throws a `Failure`: `connect` when the connection is lost, `generator`
 * when more pushes wait than allowed, `interrupted`.
 */
export interface Subscription<P extends PushFrame = PushFrame> extends AsyncIterable<P>, AsyncDisposable {
  readonly subscriptionId: number;
  readonly reply: ReplyFrame;
  /** Ends the iterator after what was received; throws a `Failure` where the server refuses. */
  unsubscribe(): Promise<void>;
}

/** One conversation with a DeviceHive server. It is always read, whatever is done with what it reads. */
export interface Connection extends AsyncDisposable {
  readonly url: string;
  /** Milliseconds; `authMs` is null for an anonymous session. */
  readonly timing: { readonly connectMs: number; readonly authMs: number | null };
  /**
   * Sends a request and waits for its success reply. Throws a `Failure`: `auth` (401, 403), `refused` (any other error
   * reply, or diagnosed silence), `timeout`, `connect` (the connection is lost), `invalid` (too large, or its id is in
   * use), `interrupted`.
   */
  request<A extends ActionName>(action: A, payload: Requests[A], options?: RequestOptions): Promise<Exchange<A>>;
  request(action: string, payload: Frame, options?: RequestOptions): Promise<Exchange>;
  /** Sends a request that was written elsewhere. */
  post(posting: Posting): void;
  /**
   * Subscribes (PROTOCOL.md 4.15, 4.20); pushes that came before the reply are delivered first. Throws as `request`
   * does.
   *
   * A real DeviceHive that knows only the networks or only the device types of a subscription without `deviceId`, from
   * its fields or from the token, may freeze for everyone while it looks up the others (PROTOCOL.md 7, Q41). So such a
   * request names both: `network/list` and `devicetype/list` are read before, and where the token may not read them it
   * is the token's own ids that are named. With a token that reaches everything, a device that turns up in a network or
   * of a type that was not listed is followed by one more subscription, which is part of this one; with others the
   * lists stay as they were. Throws `auth`, and sends nothing, where a list is empty or cannot be known. What `request`
   * sends is never completed.
   */
  subscribe<A extends SubscribeAction>(
    action: A,
    payload: Requests[A],
    options?: SubscribeOptions,
  ): Promise<Subscription<Push<A>>>;
  subscribe(action: SubscribeAction, payload: Frame, options?: SubscribeOptions): Promise<Subscription>;
  /** Resolves when the socket is closed, by either side, and no pending request has opened a fresh one. */
  readonly closed: Promise<Closed>;
  /** Sends a close frame and drops the socket without waiting for the closing handshake. Never throws. */
  close(): Promise<void>;
}
