import { connect, type Connection } from '../../src/client/index.ts';
import type { RunningServer } from '../../src/server/index.ts';

/** Two sessions with a list under way at any time: what a request that joins would freeze a real server beside. */
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
