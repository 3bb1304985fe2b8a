import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../errors.ts';
import type { FoundCredentials } from './credentials.ts';
import { fileReason, replaceFile, writePrivate } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { isAlive } from '../terminal/processes.ts';

/** The facts that a running `server start` leaves in the runtime folder for other commands of the same user. */
export interface LocalServer {
  readonly url: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** The newest live server that this user started on this machine; entries of servers that are gone are dropped. */
export function findLocalServer(io: Io): { url: string; credentials: FoundCredentials } | undefined {
  const [newest, ...others] = localServers(io);
  if (newest === undefined) return undefined;
  if (others.length > 0)
    io.note(`${others.length + 1} servers of this user run here; the newest is used: ${newest.server.url}`);
  const { file, server } = newest;
  const onTokens = (tokens: { accessToken: string }): void => {
    replaceFile(file, JSON.stringify({ ...server, ...tokens }));
  };
  return {
    url: server.url,
    credentials: { at: file, accessToken: server.accessToken, refreshToken: server.refreshToken, onTokens },
  };
}

/** All live servers of this user, newest first. */
export function localServers(io: Io): { readonly file: string; readonly server: LocalServer }[] {
  const folder = runtimeFolder(io);
  const entries = listEntries(folder).map((name) => ({
    file: join(folder, name),
    server: readEntry(join(folder, name)),
  }));
  return entries
    .filter((entry): entry is { file: string; server: LocalServer } => entry.server !== undefined)
    .sort((one, other) => other.server.startedAt - one.server.startedAt);
}

function listEntries(folder: string): string[] {
  try {
    const stats = lstatSync(folder);
    if (!stats.isDirectory() || !isPrivate(stats)) return [];
    return readdirSync(folder).filter((name) => /^server-\d+\.json$/.test(name));
  } catch {
    return [];
  }
}

function isPrivate(stats: { uid: number; mode: number }): boolean {
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o077) === 0);
}

function readEntry(file: string): LocalServer | undefined {
  try {
    if (!lstatSync(file).isFile()) return undefined;
    const server: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isEntry(server)) return undefined;
    if (isAlive(server.pid)) return server;
    unlinkSync(file);
  } catch {
    // gone in the meantime, or not ours to judge
  }
  return undefined;
}

function isEntry(value: unknown): value is LocalServer {
  const { url, accessToken, refreshToken, pid, startedAt } = (value ?? {}) as Partial<
    Record<keyof LocalServer, unknown>
  >;
  const texts = [url, accessToken, refreshToken].every((text) => typeof text === 'string');
  return texts && Number.isInteger(pid) && Number(pid) > 0 && typeof startedAt === 'number';
}

/**
 * Registers this process's server; the function that comes back takes the entry away again. Where there is no place for
 * it, the server runs all the same.
 */
export function announceLocalServer(io: Io, server: LocalServer): () => void {
  const folder = runtimeFolder(io);
  try {
    makeFolder(folder);
    const file = join(folder, `server-${server.pid}.json`);
    writePrivate(file, JSON.stringify(server));
    return () => rmSync(file, { force: true });
  } catch (error) {
    if (error instanceof Failure) throw error;
    io.warn(`other commands will not find this server by themselves: ${folder}: ${fileReason(error)}`);
    return () => undefined;
  }
}

/** One level only: what holds it must be there. */
function makeFolder(folder: string): void {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  if (stats === undefined) mkdirSync(folder, { mode: 0o700 });
  else if (!stats.isDirectory() || !isPrivate(stats)) {
    throw new Failure('usage', `the runtime folder ${folder} can be read or written by others`, {
      hint: `Make it private: chmod 700 ${folder}`,
    });
  }
}

function runtimeFolder(io: Io): string {
  const base = io.env['XDG_RUNTIME_DIR'];
  if (base !== undefined && base !== '') return join(base, 'devicehive');
  return join(process.getBuiltinModule('node:os').tmpdir(), `devicehive-${process.getuid?.() ?? 'user'}`);
}
