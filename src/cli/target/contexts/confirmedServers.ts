import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFrame } from '../../../protocol/frames.ts';
import { isSameServer } from '../../../protocol/serverPlaces.ts';
import type { Io } from '../../terminal/io.ts';
import { configFolder, keepFile, makeFolder } from './folder.ts';
import { withLock } from './lock.ts';

/** The servers that a person has confirmed secrets may go to, though only a project file names them. */
function confirmedFile(io: Io): string {
  return join(configFolder(io), 'confirmed.json');
}

/** Whether a person has confirmed this server. */
export function isConfirmed(url: string, io: Io): boolean {
  return confirmedServers(io).some((known) => isSameServer(known, url));
}

/** A file that cannot be read confirms nothing: the person is asked again. */
function confirmedServers(io: Io): readonly string[] {
  try {
    const content: unknown = JSON.parse(readFileSync(confirmedFile(io), 'utf8'));
    const servers = isFrame(content) ? content['servers'] : undefined;
    return Array.isArray(servers) ? servers.filter((server) => typeof server === 'string') : [];
  } catch {
    return [];
  }
}

/** Remembers that secrets may go to this server. Throws a usage `Failure` where it cannot be written. */
export async function rememberConfirmed(url: string, io: Io): Promise<void> {
  makeFolder(configFolder(io));
  await withLock(configFolder(io), () => {
    const servers = [...new Set([...confirmedServers(io), url])];
    keepFile(confirmedFile(io), `${JSON.stringify({ servers }, null, 2)}\n`);
  });
}
