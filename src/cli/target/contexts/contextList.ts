import { own } from '../../../protocol/own.ts';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, messageOf } from '../../../errors.ts';
import { closest } from '../../../protocol/notation/closest.ts';
import { isSameServer, namesNoPath } from '../../../protocol/serverPlaces.ts';
import { isFrame, type Frame } from '../../../protocol/frames.ts';
import { fileReason } from '../../terminal/files.ts';
import type { Io } from '../../terminal/io.ts';
import { cutText } from '../../terminal/safeText.ts';
import type { ConnectionFlags } from '../connectionFlags.ts';
import { configFolder, isMissing, makeFolder, keepFile } from './folder.ts';
import { withLock } from './lock.ts';

/** A server by a name of the user's own. Its tokens are kept apart from it. */
export interface SavedContext {
  readonly name: string;
  readonly url: string;
  /** How it is reached besides its URL, where that was said. */
  readonly connection?: ConnectionFlags;
}

/** All contexts of this user, in the order they were added. */
export interface ContextList {
  /** The one in use where nothing else names a server. */
  readonly current: string | undefined;
  readonly contexts: readonly SavedContext[];
}

/** Names are file names too, on every system. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Throws a usage `Failure` unless the text may name a context. */
export function checkName(name: string): void {
  if (namePattern.test(name)) return;
  throw new Failure('usage', `'${cutText(name)}' cannot name a context`, {
    hint: 'Use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first.',
  });
}

function contextsFile(io: Io): string {
  return join(configFolder(io), 'contexts.json');
}

/** Reads the contexts; no file means none. Throws a usage `Failure` for a file that cannot be read. */
export function readContexts(io: Io): ContextList {
  const file = contextsFile(io);
  const content = contentOf(file);
  if (content === undefined) return { current: undefined, contexts: [] };
  const { current, contexts } = content;
  const entries = isFrame(contexts) ? Object.entries(contexts) : [];
  return {
    current: typeof current === 'string' ? current : undefined,
    contexts: entries.map(([name, entry]) => ({ name, url: urlOf(entry, name, file), ...connectionOf(entry) })),
  };
}

function contentOf(file: string): Frame | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(file, fileReason(error), error);
  }
  try {
    const content: unknown = JSON.parse(text);
    if (isFrame(content)) return content;
  } catch (error) {
    throw unreadable(file, messageOf(error), error);
  }
  throw unreadable(file, 'it is no JSON object', undefined);
}

function unreadable(file: string, reason: string, cause: unknown): Failure {
  const hint = 'Correct or remove it, and add the contexts again: devicehive context add NAME --url URL';
  return new Failure('usage', `${file} cannot be read: ${cutText(reason, 200)}`, { hint, cause });
}

function urlOf(entry: unknown, name: string, file: string): string {
  const url = isFrame(entry) ? entry['url'] : undefined;
  if (typeof url === 'string') return url;
  throw unreadable(file, `context '${cutText(name)}' has no url`, undefined);
}

/** Returns the saved certificate files and headers; anything that `context add` does not write is ignored. */
function connectionOf(entry: unknown): Pick<SavedContext, 'connection'> {
  const saved = isFrame(entry) ? entry['connection'] : undefined;
  if (!isFrame(saved)) return {};
  const { header, tlsInsecure } = saved;
  const files = ['ca', 'cert', 'key'].flatMap((name) => {
    const file = own(saved, name);
    return typeof file === 'string' ? [[name, file] as const] : [];
  });
  const connection: ConnectionFlags = {
    ...Object.fromEntries(files),
    ...(Array.isArray(header) ? { header: header.map(String) } : {}),
    ...(tlsInsecure === true ? { tlsInsecure } : {}),
  };
  return { connection };
}

/**
 * Changes the contexts while no other process can; a note names the file before its first write. Throws a usage
 * `Failure` if it cannot be written.
 */
export async function changeContexts(io: Io, change: (list: ContextList) => ContextList): Promise<void> {
  const file = contextsFile(io);
  if (!existsSync(file)) io.note(`contexts are kept in ${file}`);
  makeFolder(configFolder(io));
  await withLock(configFolder(io), () => {
    const before = readContexts(io);
    const { current, contexts } = change(before);
    const entries = Object.fromEntries(contexts.map(({ name, ...entry }) => [name, entry]));
    keepFile(file, `${JSON.stringify({ current, contexts: entries }, null, 2)}\n`);
  });
}

/**
 * Returns the context with this name. Throws a usage `Failure` that suggests the most similar name; `at` is the flag,
 * variable or file that gave the name, undefined for an argument.
 */
export function contextNamed(name: string, { contexts }: ContextList, at?: string): SavedContext {
  const found = contexts.find((context) => context.name === name);
  if (found !== undefined) return found;
  const names = contexts.map((context) => context.name);
  const suggestion = closest(name, names);
  const known = names.length === 0 ? 'There is none yet' : `There are ${cutText(names.join(', '), 200)}`;
  const meant = suggestion === undefined ? known : `Did you mean ${suggestion}?`;
  throw new Failure('usage', `${at === undefined ? '' : `${at}: `}there is no context '${cutText(name)}'`, {
    hint: `${meant.replace(/([^?])$/, '$1.')} Add one with: devicehive context add NAME --url URL`,
  });
}

/** The context in use, if it exists. */
export function currentContext({ current, contexts }: ContextList): SavedContext | undefined {
  return contexts.find(({ name }) => name === current);
}

/** The contexts of a server, the one in use first. */
export function contextsOf(url: string, { current, contexts }: ContextList): readonly SavedContext[] {
  const same = contexts.filter((context) => context.url === url);
  const found = same.length > 0 ? same : contexts.filter((context) => isSameServer(context.url, url));
  return [...found.filter(({ name }) => name === current), ...found.filter(({ name }) => name !== current)];
}

/**
 * Returns the saved context of this name and server if the given URL has no path, so that a found path is kept; else
 * the given context.
 */
export function knownAs(context: SavedContext, { contexts }: ContextList): SavedContext {
  const isKnown = ({ name, url }: SavedContext) => name === context.name && isSameServer(url, context.url);
  return namesNoPath(context.url) ? (contexts.find(isKnown) ?? context) : context;
}

/** Saves the full URL at which a context's server was found if only its host was known; a note says if that fails. */
export async function rememberPlace(name: string | undefined, url: string, io: Io): Promise<void> {
  const isFound = ({ url: known }: SavedContext) => namesNoPath(known) && isSameServer(known, url);
  const context = readContexts(io).contexts.find((each) => each.name === name);
  if (context === undefined || !isFound(context)) return;
  try {
    await changeContexts(io, ({ current, contexts }) => ({
      current,
      contexts: contexts.map((each) => (each.name === name && isFound(each) ? { ...each, url } : each)),
    }));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    io.note(`where the server was found is not kept: ${error.message}`);
  }
}

/**
 * Returns the list with this context added, or updated where its server's full URL or its connection is new. Throws a
 * usage `Failure` if the name stands for another server already.
 */
export function withContext(context: SavedContext, list: ContextList): ContextList {
  const same = list.contexts.find(({ name }) => name.toLowerCase() === context.name.toLowerCase());
  if (same === undefined) return { ...list, contexts: [...list.contexts, context] };
  const isChanged = context.connection !== undefined;
  if (same.name === context.name && same.url === context.url && !isChanged) return list;
  if (same.name === context.name && same.url === context.url) return replaced(same, context, list);
  if (same.name === context.name && namesNoPath(same.url) && isSameServer(same.url, context.url))
    return replaced(same, { ...same, ...context }, list);
  throw new Failure('usage', `there is a context '${same.name}' already: ${same.url}`, {
    hint: `Choose another name, or remove it first, with its tokens: devicehive context remove ${same.name}`,
  });
}

function replaced(known: SavedContext, context: SavedContext, list: ContextList): ContextList {
  return { ...list, contexts: list.contexts.map((each) => (each === known ? context : each)) };
}
