import assert from 'node:assert/strict';
import { startServer, type RunningServer, type Seed } from '../../src/server/index.ts';

/** A server in this process that refuses what would stop a real one, and returns unsorted lists in random order. */
export interface StrictServer extends AsyncDisposable {
  readonly server: RunningServer;
  /** The environment for commands that talk to it. */
  readonly env: NodeJS.ProcessEnv;
}

/** Starts such a server with this content. Disposing of it fails the test if it counted any harm. */
export async function strictServer(seed: Seed): Promise<StrictServer> {
  const server = await startServer({ seed, strict: true, arbitraryOrder: true });
  return {
    server,
    env: { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.accessToken },
    [Symbol.asyncDispose]: async () => {
      await server.close();
      assert.deepEqual(server.harms, []);
    },
  };
}
