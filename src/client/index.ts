export { connect } from './connection.ts';
export type {
  Closed,
  ConnectOptions,
  Connection,
  Credentials,
  Exchange,
  RequestOptions,
  Subscription,
  Tokens,
  TraceEvent,
} from './contract.ts';
