import { connect, type Connection } from '../../src/client/index.ts';
import type { RunningServer } from '../../src/server/index.ts';

/**
 * Opens two sessions that always have a list request under way: on a real server, a request that joins would freeze
 * beside them (PROTOCOL.md 7, Q41).
 */
export async function busySessions(server: RunningServer): Promise<AsyncDisposable> {
  const open = () => connect({ url: server.url, credentials: { accessToken: server.accessToken } });
  const connections = await Promise.all([open(), open()]);
  let isOver = false;
  const ask = async (connection: Connection) => {
    while (!isOver) await connection.request('device/list', { take: 1 });
  };
  const asking = connections.map(ask);
  return {
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      await Promise.all(asking);
      for (const connection of connections) await connection.close();
    },
  };
}
