import type { Failure } from '../errors.ts';
import type { PushFrame } from '../protocol/frames.ts';
import type { ConnectOptions, Credentials, Posting } from './contract.ts';

/**
 * How the links of a fleet connect. They are never opened by themselves again, so `retries` means nothing; stopping is
 * the caller's, so there is no signal.
 */
export interface LinkOptions extends Omit<ConnectOptions, 'retries' | 'signal' | 'localAddress' | 'maxQueuedPushes'> {
  /** Addresses of this machine to connect from, in turn: each has its own ports. */
  readonly localAddresses?: readonly string[];
  /**
   * Default 256: how many links connect at the same time; more would overrun the queue of a server that accepts them.
   */
  readonly maxOpening?: number;
}

/** Listens to one link: once to its opening, then to its pushes, at last once to its end. */
export interface LinkListener {
  /** It is connected and authenticated; times in ms, `authMs` null for an anonymous one. */
  onOpen(link: Link, timing: { readonly connectMs: number; readonly authMs: number | null }): void;
  /** Every push of every subscription, as it comes. */
  onPush(push: PushFrame): void;
  /**
   * It could not be opened, or it is lost, and what was pending on it has failed; not called for a link that was closed
   * from this side.
   */
  onClosed(failure: Failure): void;
}

/** One authenticated socket among very many. It is always read. */
export interface Link {
  /** Bytes that the network has not taken yet. */
  readonly waitingBytes: number;
  /** The token that it acts by; undefined for an anonymous one. */
  readonly accessToken: string | undefined;
  /** Sends a request; see `Connection.post`. */
  post(posting: Posting): void;
  /** Sends a close frame and lets go. */
  close(): void;
  /** Loses the connection without a word, as a device does that loses its network; the listener hears of it. */
  cut(): void;
}

/**
 * Links to one server: thousands in one process. Those of one user share the login, and whoever needs a new token waits
 * for the one that is on its way.
 */
export interface Links {
  /** Starts to open a link, as the user of the others or as one of its own, who stays the same for the listener. */
  open(listener: LinkListener, credentials?: Credentials): void;
  /** Opens no more, and closes those that are opening. */
  close(): void;
}
