import { rmSync, statSync } from 'node:fs';
import type { FlagContext } from '../../flags/sharedValues.ts';
import { Failure } from '../../../errors.ts';
import type { Io } from '../../terminal/io.ts';
import { localServers, type LocalServer } from '../../target/localServer.ts';

const answerWithinMs = 2000;
const stopWithinMs = 5000;
const lookEveryMs = 20;

/**
 * `devicehive server stop`: ends the newest server that this user started on this machine, or all of them, and waits
 * until they are gone.
 */
export async function serverStop({
  io,
  values,
}: FlagContext<{ readonly all?: boolean; readonly json?: boolean }>): Promise<void> {
  const found = [];
  for (const entry of localServers(io))
    if (await isServer(entry.server, io)) found.push(entry);
    else rmSync(entry.file, { force: true });
  const chosen = values.all === true ? found : found.slice(0, 1);
  if (chosen.length === 0 && values.all !== true) {
    throw new Failure('connect', 'no server of this user runs on this machine', {
      hint: 'Start one with: devicehive server start',
    });
  }
  for (const { file, server } of chosen) {
    await stop(file, server);
    tell(server, values.json === true, io);
  }
}

/** A process may have taken the number of a server that was killed: only what answers as a server is one. */
async function isServer({ url }: LocalServer, io: Io): Promise<boolean> {
  const { connect } = await import('../../../client/index.ts');
  try {
    await using connection = await connect({
      url,
      connectTimeoutMs: answerWithinMs,
      timeoutMs: answerWithinMs,
      proxy: false,
      signal: io.signal,
    });
    await connection.request('server/info', {});
    return true;
  } catch (error) {
    if (error instanceof Failure && error.kind !== 'interrupted') return false;
    throw error;
  }
}

async function stop(file: string, { pid, url }: LocalServer): Promise<void> {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'ESRCH')
      throw new Failure('connect', `the server ${url} (process ${pid}) could not be stopped: ${code ?? ''}`, {
        hint: 'Stop the process by hand.',
        cause: error,
      });
  }
  const deadlineMs = Date.now() + stopWithinMs;
  while (statSync(file, { throwIfNoEntry: false }) !== undefined) {
    if (Date.now() > deadlineMs)
      throw new Failure('timeout', `the server ${url} (process ${pid}) was told to stop and still runs`, {
        hint: 'Stop the process by hand.',
      });
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

function tell({ url, pid }: LocalServer, isJson: boolean, io: Io): void {
  const line =
    isJson || !io.stdoutIsTerminal ? JSON.stringify({ url, pid, stopped: true }) : `stopped ${url} (process ${pid})`;
  io.out(`${line}\n`);
}
