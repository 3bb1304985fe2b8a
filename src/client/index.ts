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

/** Returns the reader of whole lists, in replies that the bus of a server bears; loaded when the first one is read. */
export const listReader = () => import('./lists/index.ts');

/** What `listReader` gives. */
export type ListReader = Awaited<ReturnType<typeof listReader>>;
