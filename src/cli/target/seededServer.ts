import { documentFailure, readDocument, type DocumentText } from '../../protocol/notation/documentText.ts';
import type { RunningServer, Seed, ServerOptions } from '../../server/index.ts';
import { readOwnFile } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';

/** Starts an embedded server, with the seed of a file if there is one (`-` is stdin); what is wrong with that is told line by line. */
export async function startSeeded(file: string | undefined, options: ServerOptions, io: Io): Promise<RunningServer> {
  const { startServer } = await import('../../server/index.ts');
  if (file === undefined) return startServer(options);
  const { SeedFailure, seedHint } = await import('../../server/start/seed/problems.ts');
  const name = file === '-' ? 'stdin' : file;
  const { content, locate }: DocumentText = await readDocument(await seedText(file, io), name, seedHint);
  try {
    return await startServer({ ...options, seed: content as Seed });
  } catch (error) {
    throw error instanceof SeedFailure ? documentFailure(name, error.found, seedHint, locate) : error;
  }
}

function seedText(file: string, io: Io): string | Promise<string> {
  return file === '-' ? io.readStdin() : readOwnFile(file, '--seed');
}
