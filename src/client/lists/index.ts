export { withBothLists } from './bothLists.ts';
export { missedMessages, type Missed } from './missed.ts';
export { listIn, type AskServer } from './replies.ts';
export type { SomeItems } from './someMessages.ts';
export { listAll, listSome } from './wholeLists.ts';
