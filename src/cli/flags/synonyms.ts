import { own } from '../../protocol/own.ts';

/** Verbs that people know from elsewhere, with ours in order of preference. */
const verbs: Readonly<Record<string, readonly string[]>> = {
  send: ['insert'],
  publish: ['insert'],
  post: ['insert'],
  create: ['create', 'insert', 'save', 'add', 'put'],
  new: ['create', 'insert', 'save', 'add', 'init'],
  add: ['add', 'insert', 'save', 'create', 'put'],
  register: ['save', 'insert'],
  show: ['show', 'get'],
  read: ['get', 'show'],
  view: ['get', 'show'],
  describe: ['get', 'show'],
  info: ['get', 'info', 'status'],
  rm: ['delete', 'remove'],
  remove: ['remove', 'delete'],
  delete: ['delete', 'remove'],
  del: ['delete', 'remove'],
  ls: ['list'],
  all: ['list'],
  find: ['list'],
  search: ['list'],
  edit: ['update', 'save', 'put'],
  modify: ['update', 'save', 'put'],
  set: ['put', 'update', 'save'],
  change: ['update', 'save', 'put'],
  answer: ['update'],
  respond: ['update'],
  listen: ['watch'],
  tail: ['watch'],
  follow: ['watch'],
  poll: ['watch'],
  monitor: ['watch'],
  start: ['start', 'run'],
  play: ['run'],
  switch: ['use'],
  signin: ['login'],
  signout: ['logout'],
  whoami: ['status'],
};

/** Flags that people know from elsewhere, with ours in order of preference; without dashes. */
const flags: Readonly<Record<string, readonly string[]>> = {
  params: ['parameters'],
  param: ['parameters'],
  payload: ['parameters', 'data'],
  body: ['parameters', 'data'],
  args: ['parameters'],
  limit: ['take', 'limit', 'count'],
  max: ['take', 'limit', 'count'],
  'page-size': ['take'],
  top: ['take'],
  offset: ['skip'],
  from: ['skip', 'since', 'start'],
  sort: ['sort-field'],
  'order-by': ['sort-field'],
  order: ['sort-order'],
  'device-id': ['device', 'id'],
  'command-id': ['id', 'command'],
  'network-id': ['network', 'id'],
  'user-id': ['user', 'id'],
  type: ['device-type'],
  'device-type-id': ['device-type', 'id'],
  names: ['name'],
  host: ['url'],
  server: ['url'],
  endpoint: ['url'],
  jwt: ['token'],
  'access-token': ['token'],
  username: ['login'],
  user: ['user', 'login'],
  format: ['format', 'output'],
  filter: ['query', 'until'],
  jq: ['query'],
  jmespath: ['query'],
  since: ['since', 'start', 'timestamp'],
  duration: ['for'],
  time: ['for', 'timeout'],
  cacert: ['ca'],
  insecure: ['tls-insecure'],
  headers: ['header'],
  retries: ['retry'],
  debug: ['verbose'],
  trace: ['trace-file'],
  silent: ['quiet'],
};

/** Nouns that a verb from elsewhere is mostly about. */
const subjects: Readonly<Record<string, string>> = { send: 'command', publish: 'notification' };

/** Returns the noun that a verb from elsewhere is mostly about, if any. */
export function nounMeant(word: string): string | undefined {
  return own(subjects, word.toLowerCase());
}

/** Returns our verbs for a verb from elsewhere, in order of preference. */
export function verbsMeant(word: string): readonly string[] {
  return own(verbs, word.toLowerCase()) ?? [];
}

/** Returns the first of these verbs that means the word. */
export function verbMeant(word: string, among: readonly string[]): string | undefined {
  return meant(verbs, word, among);
}

/** Returns the first of these flags, without dashes, that means the word. */
export function flagMeant(word: string, among: readonly string[]): string | undefined {
  return meant(flags, word.replace(/^-+/, '').replace(/([a-z])([A-Z])/g, '$1-$2'), among);
}

function meant(table: Readonly<Record<string, readonly string[]>>, word: string, among: readonly string[]) {
  return own(table, word.toLowerCase())?.find((name) => among.includes(name));
}
