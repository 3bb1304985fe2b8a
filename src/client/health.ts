import { Failure, reworded, type ServerState } from '../errors.ts';
import { serverStates } from '../protocol/serverStates.ts';
import { backendQuestions, frontendQuestion } from './calls/serverProbe.ts';
import type { Connection, RequestOptions } from './contract.ts';

/** The backend's answer over the message bus, and how many ms it took. */
export interface BackendAnswer {
  readonly action: string;
  readonly replyMs: number;
}

/**
 * Asks the backend one question that weighs little: a count. Returns undefined where the session may ask none.
 * Throws a `Failure`: `timeout` where it does not answer, with `serverState` where the frontend does; `connect` or
 * `interrupted`.
 */
export async function askBackend(connection: Connection, options?: RequestOptions): Promise<BackendAnswer | undefined> {
  for (const action of backendQuestions) {
    try {
      const { replyMs } = await connection.request(action, {}, options);
      return { action, replyMs };
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === 'interrupted') throw error;
      if (error.reply === undefined) throw await explained(error, connection, options);
    }
  }
  return undefined;
}

/** A silence that was too short to be diagnosed, or that nobody was to diagnose, is looked into now. */
async function explained(failure: Failure, connection: Connection, options?: RequestOptions): Promise<Failure> {
  if (failure.kind !== 'timeout' || failure.serverState !== undefined) return failure;
  try {
    await connection.request(frontendQuestion, {}, options);
  } catch {
    return failure;
  }
  return backendSilent(failure);
}

function backendSilent(failure: Failure): Failure {
  const serverState = 'backend silent';
  const { message, hint } = serverStates[serverState];
  return reworded(failure, `${failure.message}; ${message}`, { hint, serverState });
}

/** How long the backend may take to answer where only its silence would be told, in ms. */
const briefMs = 2000;

/**
 * Returns a failure that says that nothing came, with the state of the server as its cause where the server is sick: it
 * is asked now, unless the silence that another request met (`met`) has told that. Throws an interrupted `Failure`.
 */
export async function lookedInto(failure: Failure, connection: Connection, met?: Failure): Promise<Failure> {
  const serverState = met === undefined ? await stateNow(connection) : met.serverState;
  return serverState === 'backend silent' ? backendSilent(failure) : failure;
}

async function stateNow(connection: Connection): Promise<ServerState | undefined> {
  try {
    await askBackend(connection, { timeoutMs: briefMs });
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === 'interrupted') throw error;
    return error.serverState;
  }
}
