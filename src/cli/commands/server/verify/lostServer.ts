import { askBackend, connect, type ConnectOptions } from '../../../../client/index.ts';
import { Failure, reworded } from '../../../../errors.ts';
import { serverStates } from '../../../../protocol/serverStates.ts';

/**
 * Asks a server that left a request unanswered over another connection. Returns why it is lost, or undefined if it
 * answers. Throws an interrupted `Failure`.
 */
export async function lostServer(options: ConnectOptions): Promise<Failure | undefined> {
  try {
    await using connection = await connect({ ...options, retries: 0 });
    await askBackend(connection);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === 'interrupted') throw error;
    if (error.reply !== undefined) return undefined;
    return error.serverState === undefined && isSilence(error) ? frontendSilent(error) : error;
  }
}

/** True for a silent server: a frontend that hangs accepts connections, but does not answer their handshake. */
function isSilence({ kind, message }: Failure): boolean {
  return kind === 'timeout' || message.includes(': not connected within');
}

function frontendSilent(failure: Failure): Failure {
  const serverState = 'frontend silent';
  const { message, hint } = serverStates[serverState];
  return reworded(failure, `${failure.message}; ${message}`, { hint, serverState });
}
