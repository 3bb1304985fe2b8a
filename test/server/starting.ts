import { startServer, type ServerOptions } from '../../src/server/index.ts';

/** Starts a server that must fail to start, so that this rejects; closes it if it starts after all. */
export async function starting(options: ServerOptions): Promise<void> {
  await using _server = await startServer(options);
}
