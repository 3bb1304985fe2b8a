import type { Connection, ConnectOptions, Credentials } from '../../client/index.ts';
import type { Frame } from '../../protocol/frames.ts';
import type { LogEntry, RunningServer, ServerOptions } from '../../server/index.ts';
import { connectingTo, connectOptions, rememberFound, remembering, wayTo } from './connecting.ts';
import type { Io } from '../terminal/io.ts';
import { withoutUrlSecrets } from '../../protocol/urlSecrets.ts';
import { whileBusy } from '../terminal/waiting/longWait.ts';
import { latencyMs } from './latency.ts';
import { targetOf } from './settings.ts';
import type { CommonValues, Target } from './serverName.ts';
import type { TargetContext } from './context.ts';
import type { FlagContext } from '../flags/sharedValues.ts';

/** A connection and, with `--embedded`, the server behind it. */
export interface Conversation {
  readonly connection: Connection;
  readonly embedded: boolean;
  readonly server: RunningServer | undefined;
  /** How it was connected, for further connections to the same server. */
  readonly options: Omit<ConnectOptions, 'credentials'>;
  /** The available credentials, used or not. */
  readonly credentials: Credentials;
  /** The access token in force, after a login or a refresh the new one. */
  token(): string;
}

/** A server as results name it. */
export interface ServerName {
  readonly url: string;
  readonly embedded: boolean;
}

/** A server as results name it: without secrets in its URL. */
export function nameOf(url: string, embedded: boolean): ServerName {
  return { url: withoutUrlSecrets(url), embedded };
}

/** Connects to the server that flags, environment and files name, as the one they name. */
export async function openConversation(
  needsToken: 'yes' | 'no' | 'maybe',
  context: TargetContext,
  onChosen?: (server: ServerName) => void,
): Promise<Conversation> {
  const { io } = context;
  const target = await targetOf(context);
  if (target.kind === 'url' && target.credentials === undefined && needsToken === 'yes') {
    onChosen?.(nameOf(target.url, false));
    throw (await import('./noToken.ts')).noToken(target, io);
  }
  const server = target.kind === 'embedded' ? await startEmbedded(context) : undefined;
  onChosen?.(nameOf(target.kind === 'url' ? target.url : (server?.url ?? ''), isEmbedded(target)));
  try {
    const conversation = await connected(target, server, needsToken, context);
    onChosen?.(nameOf(conversation.connection.url, isEmbedded(target)));
    return conversation;
  } catch (error) {
    await server?.close();
    throw error;
  }
}

async function connected(
  target: Target,
  server: RunningServer | undefined,
  needsToken: 'yes' | 'no' | 'maybe',
  context: TargetContext,
): Promise<Conversation> {
  const { io } = context;
  const { connect } = await import('../../client/index.ts');
  const url = target.kind === 'url' ? target.url : (server?.url ?? '');
  const given: Credentials =
    target.credentials ??
    (server === undefined ? {} : { accessToken: server.accessToken, refreshToken: server.refreshToken });
  const { credentials, current } = remembering(given);
  const options = await connectOptions(url, context, wayTo(target));
  const connection = await whileBusy(io, connectingTo(url), () =>
    connect({ ...options, ...(needsToken === 'no' ? {} : { credentials }) }),
  );
  await rememberFound(target, connection.url, io);
  const token = () => current().accessToken ?? '';
  const found = { ...options, url: connection.url };
  return { connection, embedded: isEmbedded(target), server, options: found, credentials, token };
}

function isEmbedded(target: Target): boolean {
  return target.kind === 'embedded' || target.from === 'embedded';
}

/** A conversation that is opened when it is first needed, and anew when it was lost. */
export class LazyConversation implements AsyncDisposable {
  readonly #open: () => Promise<Conversation>;
  #opening: Promise<Conversation> | undefined;
  #current: Conversation | undefined;
  /** The server that was chosen; null before. */
  server: ServerName | null = null;

  constructor(needsToken: 'yes' | 'no' | 'maybe', context: TargetContext) {
    this.#open = () => openConversation(needsToken, context, (chosen) => (this.server = chosen));
  }

  /** The conversation, if it is open. */
  get current(): Conversation | undefined {
    return this.#current;
  }

  /** Throws as `openConversation` does; then the next call tries again. */
  open(): Promise<Conversation> {
    this.#opening ??= this.#opened().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #opened(): Promise<Conversation> {
    await this[Symbol.asyncDispose]();
    const conversation = await this.#open();
    this.#current = conversation;
    void conversation.connection.closed.then(() => (this.#opening = undefined));
    return conversation;
  }

  /** Asks the server one question. Returns its reply. */
  async ask(action: string, payload: Frame): Promise<Frame> {
    const { connection } = await this.open();
    return (await connection.request(action, payload)).reply;
  }

  /** Closes what is open, without waiting for pending requests. */
  async [Symbol.asyncDispose](): Promise<void> {
    const last = this.#current;
    this.#current = undefined;
    if (last !== undefined) await closeConversation(last);
  }
}

/** Ends the connection and the embedded server, without waiting for anyone. */
export async function closeConversation({ connection, server }: Conversation): Promise<void> {
  await connection.close();
  await server?.close();
}

/** Says on stderr which server answered: on a terminal, or when it was an embedded one. Whoever has chosen it knows. */
export function tellServer({ connection, embedded }: Conversation, { io, values }: FlagContext<CommonValues>): void {
  if (values.envelope === true || values.chosen !== undefined) return;
  if (embedded) io.note(`server: ${connection.url} (embedded in this command)`);
  else if (io.stdoutIsTerminal && io.stderrIsTerminal) io.note(`server: ${connection.url}`);
}

/**
 * Turns log entries of an embedded server into notes; harm becomes a warning, unless a strict server lists it at its
 * end.
 */
function embeddedLog(io: Io, isStrict: boolean): (entry: LogEntry) => void {
  return ({ level, message, reason, section, harm }) => {
    if (level === 'info') return;
    const why = reason === undefined ? '' : `: ${reason}`;
    const text = `embedded server: ${message}${why}${section === undefined ? '' : ` (${section})`}`;
    if (harm === undefined || isStrict) io.note(text);
    else io.warn(text);
  };
}

/** Reads the shared flags of an embedded server, except its seed. */
export async function embeddedOptions(context: FlagContext<CommonValues>): Promise<ServerOptions> {
  const { io, values } = context;
  const { answerAll, demo, strict, latency, allowHost, allowOrigin } = values;
  const isOpened = allowHost !== undefined || allowOrigin !== undefined;
  return {
    ...(isOpened ? (await import('./serverFlags.ts')).guardOptions(context) : {}),
    answerAll: answerAll === true,
    strict: strict === true,
    ...(demo === false ? { demo: false } : {}),
    ...(latency === undefined ? {} : { latencyMs: latencyMs(latency) }),
    log: embeddedLog(io, strict === true),
  };
}

/** Starts the server of `--embedded`; it tells on stderr what it leaves unanswered. */
export async function startEmbedded(context: FlagContext<CommonValues>): Promise<RunningServer> {
  const { startSeeded } = await import('./seededServer.ts');
  return startSeeded(context.values.seed, await embeddedOptions(context), context.io);
}
