import { Failure } from '../../errors.ts';
import type { Io } from '../io.ts';
import { localServers } from '../localServer.ts';

/** `devicehive server stop`: ends the newest server that this user started on this machine, or all of them. */
export function serverStop(values: { readonly all?: boolean; readonly json?: boolean }, io: Io): void {
  const found = localServers(io);
  const chosen = values.all === true ? found : found.slice(0, 1);
  if (chosen.length === 0 && values.all !== true)
    throw new Failure('connect', 'no server of this user runs on this machine', {
      hint: 'Start one with: devicehive server start',
    });
  for (const { server } of chosen) {
    process.kill(server.pid, 'SIGTERM');
    io.out(
      values.json === true || !io.stdoutIsTerminal
        ? `${JSON.stringify({ url: server.url, pid: server.pid, stopped: true })}\n`
        : `stopped ${server.url} (process ${server.pid})\n`,
    );
  }
}
