export { connect } from './connection.ts';
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
