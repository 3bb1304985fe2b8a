import { Failure } from '../../../errors.ts';
import type { Tokens } from '../../../client/index.ts';
import { withoutUrlSecrets } from '../../../protocol/urlSecrets.ts';
import {
  changeContexts,
  checkName,
  readContexts,
  type SavedContext,
  withContext,
} from '../../target/contexts/contextList.ts';
import { refuseOpenFolder, storeCredentials } from '../../target/contexts/storedCredentials.ts';
import { lineIn, readOwnFile } from '../../terminal/files.ts';
import type { Io } from '../../terminal/io.ts';
import { whileBusy } from '../../terminal/waiting/longWait.ts';
import { withOutput, printResult } from '../../printing/output.ts';
import { commandFlags } from '../../request/requestCommand.ts';
import { confirmProjectServer } from '../../target/projectServer.ts';
import { requestSettings } from '../../target/settings.ts';
import { shownUrl } from '../../target/serverUrl.ts';
import { mayUseEnvironment, type CommonValues } from '../../target/serverName.ts';
import { cutText } from '../../terminal/safeText.ts';
import { connectAs } from '../../target/connecting.ts';
import { expiryOf } from '../../target/tokenFacts.ts';
import { loginPlace, type LoginTarget } from './loginTarget.ts';
import { mayAsk, type FlagContext } from '../../flags/sharedValues.ts';

type LoginValues = CommonValues & { readonly login?: string; readonly passwordFile?: string };

interface LoginAccount {
  readonly login: string;
  readonly password: string;
}

/** `devicehive auth login`: trades login and password for tokens and keeps those; never the password. */
export async function authLogin(given: FlagContext<LoginValues>): Promise<void> {
  const printing = await withOutput(given);
  const { io } = given;
  requestSettings(given);
  const place = loginPlace(given);
  checkName(place.context.name);
  withContext(place.context, readContexts(io));
  refuseOpenFolder(io);
  if (place.from === 'project' && !place.isKnown) {
    await confirmProjectServer({ url: place.context.url, file: place.at ?? '' }, given);
  }
  const { login, password } = await accountOf(place, given);
  const { tokens, url } = await tokensFor(place.context, { login, password }, given);
  const context = { ...place.context, url };
  await changeContexts(io, (list) => {
    const { current, contexts } = withContext(context, list);
    return { contexts, current: current ?? context.name };
  });
  await storeCredentials(context, login, tokens, io);
  const isCurrent = readContexts(io).current === context.name;
  if (!isCurrent && place.from === 'flag') noteUse(context, io);
  await printResult(result(context, login, tokens, isCurrent), printing);
}

/** Returns login and password: from flags, else from the environment if the server may have those, else by asking. */
async function accountOf(place: LoginTarget, context: FlagContext<LoginValues>): Promise<LoginAccount> {
  const { from } = place;
  const { io, values } = context;
  const fromEnvironment = (await mayUseEnvironment(place.context.url, from, io)) ? io.env : {};
  const variable = fromEnvironment['DEVICEHIVE_LOGIN'];
  const login = values.login ?? (variable === '' ? undefined : variable);
  const isTheirs = variable === undefined || variable === '' || login === variable;
  const file = values.passwordFile ?? (isTheirs ? fromEnvironment['DEVICEHIVE_PASSWORD_FILE'] : undefined);
  const at = values.passwordFile === undefined ? 'DEVICEHIVE_PASSWORD_FILE' : '--password-file';
  const password = file === undefined || file === '' ? undefined : await passwordIn(file, at, io);
  if (login !== undefined && password !== undefined) {
    io.note(placeText(place));
    return { login, password };
  }
  return asked({ login, password }, place, context);
}

/** Returns a sentence with the server of a login and the reason for choosing it. */
function placeText({ context, at, isKnown }: LoginTarget): string {
  const name = isKnown ? `, context '${context.name}'` : '';
  const why = at === undefined ? 'the context in use' : `named by ${at}`;
  return cutText(`logging in to ${shownUrl(context.url)}${name} (${why})`, 400);
}

async function passwordIn(file: string, at: string, io: Io): Promise<string> {
  const text = file === '-' ? await io.readStdin() : readOwnFile(file, at);
  const password = lineIn(text);
  if (password !== '') return password;
  throw new Failure('usage', `${at}: ${file === '-' ? 'stdin' : `'${file}'`} is empty`, {
    hint: 'It must hold the password.',
  });
}

async function asked(
  given: Partial<Record<keyof LoginAccount, string | undefined>>,
  place: LoginTarget,
  context: FlagContext<LoginValues>,
): Promise<LoginAccount> {
  const { io } = context;
  const flags = commandFlags('token');
  const missing = flags.filter(({ name }) => given[name as keyof LoginAccount] === undefined);
  const named = missing.map((flag) => (flag.secret ? { ...flag, name: `${flag.name}-file` } : flag));
  if (!mayAsk(context)) {
    const problems = named.map(({ name }) => ({ at: `--${name}`, message: 'is required' }));
    const [first] = problems;
    throw new Failure('usage', problems.length > 1 ? 'values are missing' : `${first?.at ?? ''} is required`, {
      hint: 'Give the password in a file, or - for stdin: devicehive auth login --login L --password-file F',
      problems,
    });
  }
  // even with --quiet: a person must know who gets the password
  io.err(`${placeText(place)}\n`);
  const { FieldPrompts } = await import('../../request/prompt.ts');
  const { prompterOf } = await import('../../printing/prompters.ts');
  const prompter = await prompterOf(context);
  const prompts = new FieldPrompts(prompter, () => undefined, {}, io);
  const answers = await prompter.untilAnswered(async () => {
    const given = new Map<(typeof named)[number], unknown>();
    for (const flag of named) given.set(flag, await prompts.ask(flag, given));
    return given;
  });
  const answer = (name: string) => [...answers].find(([flag]) => flag.name === name)?.[1] as string | undefined;
  return {
    login: given.login ?? answer('login') ?? '',
    password: given.password ?? answer('password-file') ?? '',
  };
}

/** Tokens, and the server that issued them. */
interface Granted {
  readonly tokens: Required<Tokens>;
  readonly url: string;
}

async function tokensFor(
  { url, connection: way }: SavedContext,
  account: LoginAccount,
  context: FlagContext<LoginValues>,
): Promise<Granted> {
  const connection = await connectAs(url, undefined, context, {
    proxy: true,
    ...(way === undefined ? {} : { connection: way }),
  });
  try {
    const ask = () => connection.request('token', { ...account });
    const { reply } = await whileBusy(context.io, 'waiting for the tokens', ask);
    const { accessToken, refreshToken } = reply;
    return { tokens: { accessToken, refreshToken }, url: connection.url };
  } finally {
    await connection.close();
  }
}

function noteUse({ name }: SavedContext, io: Io): void {
  io.note(`another context is in use; use this one with --context ${name}, or always: devicehive context use ${name}`);
}

function result(
  { name, url }: SavedContext,
  login: string,
  tokens: Required<Tokens>,
  current: boolean,
): Record<string, unknown> {
  return {
    context: name,
    url: withoutUrlSecrets(url),
    current,
    login,
    expiresAt: expiryOf(tokens.accessToken),
    refreshableUntil: expiryOf(tokens.refreshToken),
  };
}
