import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../../client/index.ts';
import { Failure } from '../../../errors.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';
import type { Io } from '../../terminal/io.ts';
import { longWait } from '../../terminal/waiting/longWait.ts';
import { localServers, type LocalServer } from '../../target/localServer.ts';

const answerWithinMs = 2000;
const stopWithinMs = 5000;
const lookEveryMs = 20;

/** A server of this user that answers, with the connection to it. */
interface AnsweringServer {
  readonly file: string;
  readonly server: LocalServer;
  readonly connection: Connection;
}

/**
 * `devicehive server stop`: ends the newest server that this user started on this machine, or all of them, and waits
 * for their end.
 */
export async function serverStop({
  io,
  values,
}: FlagContext<{ readonly all?: boolean; readonly json?: boolean }>): Promise<void> {
  const found: AnsweringServer[] = [];
  try {
    for (const { file, server } of localServers(io)) {
      const connection = await connectionTo(server, io);
      if (connection === undefined) rmSync(file, { force: true });
      else found.push({ file, server, connection });
    }
    const chosen = values.all === true ? found : found.slice(0, 1);
    if (chosen.length === 0 && values.all !== true) {
      throw new Failure('connect', 'no server of this user runs on this machine', {
        hint: 'Start one with: devicehive server start',
      });
    }
    for (const entry of chosen) {
      await longWait(io, `waiting for ${entry.server.url} to stop`, () => stop(entry, io));
      tell(entry.server, values.json === true, io);
    }
  } finally {
    for (const { connection } of found) await connection.close();
  }
}

/**
 * Connects to a local server. Returns undefined if it does not answer: its process number may belong to a new process.
 */
async function connectionTo({ url }: LocalServer, io: Io): Promise<Connection | undefined> {
  const { connect } = await import('../../../client/index.ts');
  const times = { connectTimeoutMs: answerWithinMs, timeoutMs: answerWithinMs };
  let connection: Connection | undefined;
  try {
    connection = await connect({ url, ...times, proxy: false, signal: io.signal });
    await connection.request('server/info', {});
    return connection;
  } catch (error) {
    await connection?.close();
    if (error instanceof Failure && error.kind !== 'interrupted') return undefined;
    throw error;
  }
}

/**
 * Ends a server, and removes the entry that it could not remove itself: Windows ends a process at once. The end of the
 * connection shows that it ends.
 */
async function stop({ file, server, connection }: AnsweringServer, io: Io): Promise<void> {
  const { pid, url } = server;
  const deadlineMs = performance.now() + stopWithinMs;
  signal(server);
  const closed = connection.closed.then(() => true);
  if (!(await Promise.race([closed, sleep(stopWithinMs, false)])) || !(await isGone(server, deadlineMs, io)))
    throw new Failure('timeout', `the server ${url} (process ${pid}) was told to stop and still runs`, {
      hint: 'Stop the process by hand.',
    });
  rmSync(file, { force: true });
}

/**
 * Waits until a server has freed its port, which it does after ending its connections. Returns whether it has by the
 * deadline.
 */
async function isGone(server: LocalServer, deadlineMs: number, io: Io): Promise<boolean> {
  do {
    const connection = await connectionTo(server, io);
    if (connection === undefined) return true;
    await connection.close();
    await sleep(lookEveryMs);
  } while (performance.now() < deadlineMs);
  return false;
}

function signal({ pid, url }: LocalServer): void {
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
}

function tell({ url, pid }: LocalServer, isJson: boolean, io: Io): void {
  const line =
    isJson || !io.stdoutIsTerminal ? JSON.stringify({ url, pid, stopped: true }) : `stopped ${url} (process ${pid})`;
  io.out(`${line}\n`);
}
