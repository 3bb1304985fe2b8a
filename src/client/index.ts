export { connect } from './connection.ts';
export type { Link, LinkListener, LinkOptions, Links } from './linkContract.ts';
export type {
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
