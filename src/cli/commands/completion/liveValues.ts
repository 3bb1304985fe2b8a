import type { AskServer, Connection, Credentials } from '../../../client/index.ts';
import type { Frame } from '../../../protocol/frames.ts';
import { readToken } from '../../../protocol/tokens.ts';
import { labelOf, sourceOf, type FieldSource } from '../../flags/fieldSources.ts';
import type { Flag } from '../../flags/flags.ts';
import type { Io } from '../../terminal/io.ts';
import { rememberFound, wayOptions, wayTo } from '../../target/connecting.ts';
import { knownItems } from '../../request/knownItems.ts';
import { confirmServer } from '../../target/projectServer.ts';
import { targetOf } from '../../target/settings.ts';
import type { CommonValues } from '../../target/serverName.ts';
import type { Command } from 'commander';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** One value that a word may become, and what it means. */
export interface Candidate {
  readonly value: string;
  readonly meaning: string;
}

/** The known part of the line: the words before the flag, and the command. */
export interface TypedLine {
  readonly words: readonly string[];
  readonly leaf: Command | undefined;
  readonly current: string;
}

/**
 * Returns the values that the server named on the line has for this field, using a token found without asking. Rejects,
 * with anything, if that does not work at once.
 */
export async function liveValues(field: Flag, { words, leaf }: TypedLine, io: Io): Promise<readonly Candidate[]> {
  const source = sourceOf(field);
  if (source === undefined || leaf === undefined) return [];
  leaf.parseOptions([...words]);
  const values: CommonValues & { readonly device?: string } = leaf.opts();
  if (source.ofDevice && values.device === undefined) return [];
  await using conversation = await opened({ io, values });
  if (conversation === undefined) return [];
  const { connection } = conversation;
  const ask: AskServer = async (action, payload) => (await connection.request(action, payload)).reply;
  const { items, extent } = await knownItems(source, source.ofDevice ? { deviceId: values.device } : {}, ask);
  return withExtent(
    items.flatMap((item) => itemOf(item, source)),
    extent,
  );
}

/** Adds to the meaning of the first value how many of all these are: shells show it nowhere else. */
function withExtent(candidates: readonly Candidate[], extent: string | undefined): readonly Candidate[] {
  if (extent === undefined) return candidates;
  const [first, ...others] = candidates;
  if (first === undefined) return candidates;
  return [{ ...first, meaning: [first.meaning, extent].filter((text) => text !== '').join('; ') }, ...others];
}

function itemOf(item: Frame, source: FieldSource): Candidate[] {
  const { id } = item;
  return typeof id === 'string' || typeof id === 'number'
    ? [{ value: String(id), meaning: labelOf(source, item) }]
    : [];
}

interface OpenedConnection extends AsyncDisposable {
  readonly connection: Connection;
}

/** Connects if there is a token that is still valid: a key press neither logs in nor refreshes anything. */
async function opened(context: FlagContext<CommonValues>): Promise<OpenedConnection | undefined> {
  const { io } = context;
  const { token: _token, tokenFile: _tokenFile, ...others } = context.values;
  // a key press must not confirm a server
  await confirmServer({ io, values: { ...others, input: false } });
  const target = await targetOf({ io, values: { ...context.values, input: false } });
  const server =
    target.kind === 'embedded' ? await (await import('../../../server/index.ts')).startServer() : undefined;
  const token = target.credentials?.accessToken ?? server?.accessToken;
  if (token === undefined || isOver(token)) {
    await server?.close();
    return undefined;
  }
  const { connect } = await import('../../../client/index.ts');
  const url = target.kind === 'url' ? target.url : (server?.url ?? '');
  const connection = await connect({
    url,
    credentials: { accessToken: token },
    probe: false,
    signal: io.signal,
    ...(await wayOptions(url, context, wayTo(target))),
  });
  await rememberFound(target, connection.url, io);
  return {
    connection,
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      await server?.close();
    },
  };
}

function isOver(token: NonNullable<Credentials['accessToken']>): boolean {
  const expiresAtMs = readToken(token)?.expiresAtMs;
  return expiresAtMs !== undefined && expiresAtMs <= Date.now();
}
