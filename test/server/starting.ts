import { startServer, type ServerOptions } from '../../src/server/index.ts';

/** Starts a server that must not start, so that this rejects; one that does is closed again. */
export async function starting(options: ServerOptions): Promise<void> {
  await using _server = await startServer(options);
}
