export { withBothLists } from './bothLists.ts';
export { connect } from './connection.ts';
export { listAll, listIn, listSome, missedMessages, type AskServer, type Missed } from './lists/index.ts';
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
