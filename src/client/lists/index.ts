export { withBothLists } from './bothLists.ts';
export { missedMessages, type Missed } from './missed.ts';
export { listIn, type AskServer } from './replies.ts';
export { someItems, type SomeItems } from './someItems.ts';
export { listAll, listSome } from './wholeLists.ts';
