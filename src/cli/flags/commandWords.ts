import { isAction, type ActionName } from '../../protocol/schema.ts';

/** Nouns of the command line with what help says of them, in help's order. */
export const nouns: Readonly<Record<string, string>> = {
  command: 'insert, update, get, list and watch commands of devices; answer them as a device',
  notification: 'insert, get, list and watch notifications of devices',
  device: 'save, get, list, count and delete devices',
  network: 'networks, which group devices for access',
  devicetype: 'device types, which group devices by kind',
  user: 'users and what they may see',
  configuration: 'settings stored in the server',
  token: 'get, create and refresh tokens',
  subscription: 'subscriptions of this session',
  server: 'start the embedded server; ask any server who it is, verify it',
  cluster: 'addresses behind a server',
  simulate: 'devices that behave on a plan, for demos, smoke tests and load',
  auth: 'log in to a server, log out, and see who you are there',
  context: 'servers by name',
  schema: 'JSON Schemas of actions, replies, pushes and files',
  report: 'show, merge and compare the results of simulations',
  trace: 'show, replay and compare recorded sessions',
};

/** Commands without a verb. */
export const single: Readonly<Record<string, string>> = {
  authenticate: 'try the token in force',
  request: 'send any action as JSON',
  connect: 'keep one connection open for commands and frames, and show what comes',
  batch: 'send many requests from a file or stdin',
  exec: 'run a command with a server of its own',
  doctor: 'check server, token, clock, settings and this machine',
  completion: 'complete commands, flags and values in a shell',
  commands: 'list all commands, for programs too',
  help: 'explain a topic or a command',
};

/**
 * The words that call an action: `command/update` is `command update`, `token` is `token get`; none for subscribe and
 * unsubscribe.
 */
export function wordsFor(action: ActionName): readonly string[] | undefined {
  const [noun = '', verb] = action.split('/');
  if (verb === 'subscribe' || verb === 'unsubscribe') return undefined;
  if (verb === undefined) return noun === 'token' ? ['token', 'get'] : [noun];
  return [noun, kebab(verb)];
}

function kebab(verb: string): string {
  return verb.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The action that these words call, or undefined. */
export function actionFor(noun: string, verb: string | undefined): ActionName | undefined {
  if (noun === 'token' && verb === 'get') return isAction('token') ? 'token' : undefined;
  const name =
    verb === undefined ? noun : `${noun}/${verb.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())}`;
  if (!isAction(name)) return undefined;
  return wordsFor(name)?.join(' ') === [noun, verb].filter(Boolean).join(' ') ? name : undefined;
}
