import { readContexts } from '../../target/contexts/contextList.ts';
import { Failure } from '../../../errors.ts';
import type { Io } from '../../terminal/io.ts';
import type { PromptChoice, Prompter } from '../../terminal/prompts/prompter.ts';
import { cutText } from '../../terminal/safeText.ts';
import { normalUrl } from '../../target/serverUrl.ts';
import type { CommonValues } from '../../target/serverName.ts';

/** How to go on without a server, or with one that cannot be used. */
export type NextWay =
  | { readonly kind: 'again' | 'anonymous' | 'token' | 'login' | 'quit' }
  | {
      readonly kind: 'server';
      /** The flags that name the server. */
      readonly flags: Pick<CommonValues, 'url' | 'context' | 'embedded'>;
      /** True to log in there first. */
      readonly login: boolean;
    };

/** Asks how to go on after a failure; without a failure, which server to use. */
export async function askForWay(
  prompter: Prompter,
  failure: Failure | undefined,
  hasServer: boolean,
  io: Io,
): Promise<NextWay> {
  const message = failure === undefined ? 'Which server?' : 'How do you want to go on?';
  const way = await prompter.select<NextWay>(message, waysAfter(failure, hasServer, io));
  if (way.kind !== 'server' || way.flags.url !== '') return way;
  return { ...way, flags: { url: await askForUrl(prompter) } };
}

function waysAfter(failure: Failure | undefined, hasServer: boolean, io: Io): PromptChoice<NextWay>[] {
  const isAuth = failure?.kind === 'auth';
  return [
    ...(failure !== undefined && hasServer && !isAuth ? [choice('Try again', 'again')] : []),
    ...(isAuth
      ? [
          choice('Log in, and keep the tokens', 'login'),
          choice('Give an access token, for this session', 'token'),
          choice('Go on without a token', 'anonymous'),
        ]
      : []),
    server('A server inside this process, with device d1 and its command 42', { embedded: true }),
    server('A server by its URL', { url: '' }),
    ...contextChoices(io),
    ...(isAuth ? [] : [server('Log in to a server by its URL, and keep the tokens', { url: '' }, true)]),
    choice('Quit', 'quit'),
  ];
}

function choice(name: string, kind: Exclude<NextWay['kind'], 'server'>): PromptChoice<NextWay> {
  return { name, value: { kind } };
}

function server(
  name: string,
  flags: Pick<CommonValues, 'url' | 'context' | 'embedded'>,
  login = false,
): PromptChoice<NextWay> {
  return { name, value: { kind: 'server', flags, login } };
}

function contextChoices(io: Io): PromptChoice<NextWay>[] {
  try {
    return readContexts(io).contexts.map(({ name, url }) =>
      server(`Context ${name}: ${cutText(url)}`, { context: name }),
    );
  } catch (error) {
    // An unreadable list offers nothing; naming a context will say why.
    if (error instanceof Failure) return [];
    throw error;
  }
}

function askForUrl(prompter: Prompter): Promise<string> {
  return prompter.line({
    message: 'URL of the server, such as ws://host:8080',
    check: (text) => Promise.resolve(urlProblem(text)),
    isCheckedTyping: () => false,
  });
}

function urlProblem(text: string): string | undefined {
  try {
    normalUrl(text.trim(), 'the URL');
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return `${error.message}. ${error.hint ?? ''}`;
    throw error;
  }
}
