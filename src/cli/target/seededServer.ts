import { Failure } from '../../errors.ts';
import { documentFailure, readDocument, type DocumentText } from '../../protocol/notation/documentText.ts';
import type { Harm, RunningServer, Seed, ServerOptions } from '../../server/index.ts';
import { readOwnFile } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';

/**
 * Starts an embedded server, with the seed of a file if given (`-` is stdin); mistakes in it are reported line by line.
 * When it is closed, it lists what would have stopped a real one; a strict server's command then ends with 9 instead of
 * 0.
 */
export async function startSeeded(file: string | undefined, options: ServerOptions, io: Io): Promise<RunningServer> {
  const server = await started(file, options, io);
  if (options.strict === true) void server.ended.then(() => judge(server.harms, io));
  return server;
}

function judge(harms: readonly Harm[], io: Io): void {
  if (harms.length === 0) return;
  for (const { kind, action, count, message } of harms) io.warn(`${count} × ${kind} (${action}): ${message}`);
  const count = harms.reduce((sum, harm) => sum + harm.count, 0);
  const times = count === 1 ? 'once' : `${count} times`;
  const hint = 'The warnings say what did it and what to send instead; a real server would have to be restarted.';
  io.object(new Failure('assertion', `a real DeviceHive would have stopped ${times}`, { hint }));
}

async function started(file: string | undefined, options: ServerOptions, io: Io): Promise<RunningServer> {
  const { startServer, SeedFailure, seedHint } = await import('../../server/index.ts');
  if (file === undefined) return startServer(options);
  const name = file === '-' ? 'stdin' : file;
  const { content, locate }: DocumentText = await readDocument(await seedText(file, io), name, seedHint);
  try {
    return await startServer({ ...options, seed: content as Seed });
  } catch (error) {
    throw error instanceof SeedFailure ? documentFailure(name, error.found, { hint: seedHint, locate }) : error;
  }
}

function seedText(file: string, io: Io): string | Promise<string> {
  return file === '-' ? io.readStdin() : readOwnFile(file, '--seed');
}
