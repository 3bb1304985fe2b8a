import { startServer, type RunningServer, type ServerOptions } from '../../src/server/index.ts';
import { assertHarms, harmsOf, type ExpectedHarms } from './harms.ts';

/** Starts a server in this process. Closing it fails the test if it counted other harm than expected. */
export async function embeddedServer(
  options: ServerOptions = {},
  expected: ExpectedHarms = {},
): Promise<RunningServer> {
  const server = await startServer(options);
  const close = server.close.bind(server);
  let checked: Promise<void> | undefined;
  server.close = () =>
    (checked ??= close().then(() => {
      const said = server.harms.map(({ count, message }) => `${count} × ${message}`).join('\n');
      assertHarms(harmsOf(server.harms), expected, said);
    }));
  return server;
}
