export type { Channel } from './channel.ts';
export { nowMs } from './clock.ts';
export { connect } from './connection.ts';
export type { AskServer, Missed } from './lists/index.ts';
export { askBackend, lookedInto, type BackendAnswer } from './health.ts';
export type { Link, LinkListener, LinkOptions, Links } from './linkContract.ts';
export type {
  Bearer,
  Closed,
  ConnectOptions,
  Connection,
  Credentials,
  Exchange,
  Posting,
  RequestOptions,
  Subscription,
  Tokens,
  TraceEvent,
} from './contract.ts';

export { isPassing, isRepeatable, Tries } from './wire/backOff.ts';

/** Returns what opens connections on which nothing is said but what the caller says; loaded when one is opened. */
export const rawChannels = () => import('./channel.ts');

/** Returns what finds the proxy on the way to a server; loaded when one is asked for. */
export const proxies = () => import('./wire/proxy.ts');

/** Returns what opens the links of a fleet; loaded when a fleet is played. */
export const fleetOfLinks = () => import('./links.ts');

const importedLists = () => import('./lists/index.ts');
let lists: ReturnType<typeof importedLists> | undefined;

/** Returns the reader of whole lists, in replies that the bus of a server bears; loaded when the first one is read. */
export const listReader = (): Promise<ListReader> => (lists ??= importedLists());

/** The module that `listReader` loads. */
export type ListReader = Awaited<ReturnType<typeof importedLists>>;
