import { existsSync } from 'node:fs';
import { Failure } from '../../../errors.ts';
import type { Frame } from '../../../protocol/frames.ts';
import {
  changeContexts,
  checkName,
  contextNamed,
  contextsOf,
  currentContext,
  knownAs,
  readContexts,
  withContext,
  type SavedContext,
  type ContextList,
} from '../../target/contexts/contextList.ts';
import { credentialsFile, dropCredentials } from '../../target/contexts/storedCredentials.ts';
import { withoutUrlSecrets } from '../../../protocol/urlSecrets.ts';
import { anchored, connectionFlags, connectionOptions, shownConnection } from '../../target/connectionFlags.ts';
import type { Io } from '../../terminal/io.ts';
import { withOutput, printResult } from '../../printing/output.ts';
import { normalUrl } from '../../target/serverUrl.ts';
import { namedServer, type CommonValues } from '../../target/serverName.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** `devicehive context add NAME --url URL`; repeating it changes nothing. */
export async function contextAdd(
  name: string,
  flagged: FlagContext<CommonValues & { readonly use?: boolean }>,
): Promise<void> {
  const printing = await withOutput(flagged);
  const { io, values } = printing;
  checkName(name);
  const url = normalUrl(values.url ?? '', '--url', io);
  const given = connectionFlags(values);
  // refuses unusable flags now, not at their first use
  if (given !== undefined) connectionOptions(given, url, io);
  const connection = given === undefined ? {} : { connection: anchored(given, io.cwd) };
  const context = { ...knownAs({ name, url }, readContexts(io)), ...connection };
  await changeContexts(io, (list) => {
    const { current, contexts } = withContext(context, list);
    return { contexts, current: values.use === true ? name : current };
  });
  const list = readContexts(io);
  if (list.current !== name) io.note(`use it with --context ${name}, or always: devicehive context use ${name}`);
  await printResult(shown(context, list, io), printing);
}

/** `devicehive context list`: all contexts, in the order they were added. */
export async function contextList(given: FlagContext<CommonValues>): Promise<void> {
  const printing = await withOutput(given);
  const { io, output } = printing;
  const list = readContexts(io);
  if (list.contexts.length === 0) io.note('no contexts yet; add one with: devicehive context add NAME --url URL');
  const rows = list.contexts.map((context) => shown(context, list, io));
  if (rows.length > 0 || output.format !== 'text') await printResult(rows as unknown as Frame, printing);
}

/** `devicehive context use NAME`. */
export async function contextUse(name: string, given: FlagContext<CommonValues>): Promise<void> {
  const context = await withOutput(given);
  const { io } = context;
  await changeContexts(io, (list) => {
    contextNamed(name, list);
    return { ...list, current: name };
  });
  const list = readContexts(io);
  await printResult(shown(contextNamed(name, list), list, io), context);
}

/**
 * `devicehive context show [NAME]`; the default is the context that the environment or the project names, else the one
 * in use.
 */
export async function contextShow(name: string | undefined, given: FlagContext<CommonValues>): Promise<void> {
  const printing = await withOutput(given);
  const { io } = printing;
  const list = readContexts(io);
  const context = name === undefined ? inForce(list, io) : contextNamed(name, list);
  await printResult(shown(context, list, io), printing);
}

function inForce(list: ContextList, io: Io): SavedContext {
  const named = namedServer({ io, values: {} });
  if (named?.kind === 'context') return contextNamed(named.text, list, named.at);
  if (named === undefined) {
    const current = currentContext(list);
    if (current !== undefined) return current;
    throw new Failure('usage', 'no context is in use', { hint: 'Choose one with: devicehive context use NAME' });
  }
  const [found] = contextsOf(normalUrl(named.text, named.at, io), list);
  if (found !== undefined) return found;
  throw new Failure('usage', `${named.at} names a server that no context stands for: ${named.text}`, {
    hint: 'Name a context to show it: devicehive context show NAME',
  });
}

/** `devicehive context remove NAME`: removes its tokens first, so that they never outlive it. */
export async function contextRemove(name: string, given: FlagContext<CommonValues>): Promise<void> {
  const printing = await withOutput(given);
  const { io } = printing;
  const before = readContexts(io);
  const { url } = contextNamed(name, before);
  await dropCredentials(name, io);
  await changeContexts(io, ({ current, contexts }) => ({
    current: current === name ? undefined : current,
    contexts: contexts.filter((context) => context.name !== name),
  }));
  if (before.current === name) io.note('no context is in use now; choose one with: devicehive context use NAME');
  await printResult({ name, url: withoutUrlSecrets(url), removed: true }, printing);
}

function shown({ name, url, connection }: SavedContext, list: ContextList, io: Io): Frame {
  return {
    name,
    url: withoutUrlSecrets(url),
    current: list.current === name,
    loggedIn: existsSync(credentialsFile(name, io)),
    ...(connection === undefined ? {} : shownConnection(connection)),
  };
}
