import { Failure } from '../errors.ts';
import { maxLatencyMs } from './bus.ts';
import { systemClock, type Clock } from './clock.ts';
import type { DataFile } from './start/data/dataFile.ts';
import { EmbeddedServer, type RunningServer } from './start/embeddedServer.ts';
import { establish, fill, wellKnownKeys } from './start/keys.ts';
import { Hive } from './hive.ts';
import { listen } from './wire/listener.ts';
import { PageGuard } from './pageGuard.ts';
import { isLoopback } from '../protocol/loopback.ts';
import type { LogEntry } from './log.ts';
import { LogQueue } from './logQueue.ts';
import type { Seed } from './start/seed/problems.ts';
import type { User } from './store/users.ts';

export type { Clock } from './clock.ts';
export type { RunningServer } from './start/embeddedServer.ts';
export type { Harm, HarmKind } from './harm/harm.ts';
export type { LogEntry } from './log.ts';
export { ManualClock } from './manualClock.ts';
export { clientPermissionIds, permissionIds } from './rights/permissions.ts';
export { SeedFailure, seedHint, type Seed } from './start/seed/problems.ts';

/** Options of an embedded server; each has a default. */
export interface ServerOptions {
  /**
   * Default 127.0.0.1. On a host that other machines can reach, the server adds the access checks that the real one
   * lacks (PROTOCOL.md 7, Q33).
   */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Signs tokens. Default: the secret in `data`, else `devicehive` (PROTOCOL.md 3.1). */
  readonly secret?: string;
  /** The administrator's password. Default: the one in `data`, else that of a fresh DeviceHive (PROTOCOL.md 3.7). */
  readonly adminPassword?: string;
  /**
   * Start with device d1 (network 1, type 1) and its command 42, which never expires. Default true, but false with
   * `data` or `seed`.
   */
  readonly demo?: boolean;
  /**
   * A SQLite file that keeps users, networks, device types, devices and configuration; created if missing. Default:
   * nothing is kept when the server stops.
   */
  readonly data?: string;
  /**
   * Entities to start with, as schemas/seed.json describes. A seed replaces the entities of a fresh DeviceHive, but
   * changes nothing that `data` already holds: there it only adds what is missing.
   */
  readonly seed?: Seed;
  /** Allow a host that other machines can reach although the secret or the password is the well-known one. */
  readonly insecure?: boolean;
  /**
   * On loopback: names by which the server may be reached besides IP addresses, `localhost` and `*.localhost`, such as
   * that of a tunnel (PROTOCOL.md 1.2).
   */
  readonly allowHosts?: readonly string[];
  /**
   * On loopback: origins whose pages may use the server besides those of this machine, such as
   * `https://console.example.com`; `*` lets in all (PROTOCOL.md 1.2).
   */
  readonly allowOrigins?: readonly string[];
  /** Reply where the real server stays silent, and report clients' mistakes where it sends a 500. */
  readonly answerAll?: boolean;
  /**
   * Refuse with 503 requests that would have stopped a real DeviceHive, instead of only counting them (see `harms`).
   */
  readonly strict?: boolean;
  /**
   * Return lists and replays in random order where the real server has no fixed one: pages of equal names overlap, and
   * message lists are cut before they are sorted (PROTOCOL.md 4.14, 7 Q45). For tests of clients.
   */
  readonly arbitraryOrder?: boolean;
  /**
   * Latency of the message bus in ms, as on the real server (8 to 20 ms there): delays pushes and the replies of async
   * actions, every twentieth by half as much again (PROTOCOL.md 1.4). At most 60,000; default 0.
   */
  readonly latencyMs?: number;
  /**
   * Called soon after an error, or after a request was left without a reply, with the reason; secrets are masked. An
   * error that it throws does not reach the sessions.
   */
  readonly log?: (entry: LogEntry) => void;
  /** Default: the clock of this machine. */
  readonly clock?: Clock;
}

/**
 * Starts a DeviceHive in this process, either fresh or as `data` holds it. Throws a Failure where it cannot listen, or
 * where `data` or `seed` cannot be used.
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0 } = options;
  const logQueue = options.log === undefined ? undefined : new LogQueue(options.log);
  const hive = new Hive({
    clock: options.clock ?? systemClock,
    log: (entry) => logQueue?.add(entry),
    answerAll: options.answerAll === true,
    isExposed: !isLoopback(host),
    refusesHarm: options.strict === true,
    arbitraryOrder: options.arbitraryOrder === true,
    latencyMs: latencyOf(options),
  });
  const guard = new PageGuard(options);
  const data = options.data === undefined ? undefined : await openData(options.data, hive);
  try {
    const administrator = await furnish(hive, data?.isNew !== false, options);
    const passwords = [options.adminPassword, ...(options.seed?.users ?? []).map(({ password }) => password)];
    if (hive.isExposed && options.insecure !== true) refuseWellKnownKeys(hive, host);
    data?.begin();
    const listener = await listen(hive, host, port);
    if (isLoopback(listener.address)) hive.pageGuard = guard;
    return new EmbeddedServer({ hive, listener, host, administrator, passwords, data, logQueue });
  } catch (error) {
    data?.close();
    throw error;
  }
}

async function openData(file: string, hive: Hive): Promise<DataFile> {
  const { DataFile } = await import('./start/data/dataFile.ts');
  return DataFile.open(file, hive);
}

/** Fills an empty hive, applies seed and keys, and returns the administrator. */
async function furnish(hive: Hive, isEmpty: boolean, options: ServerOptions): Promise<User> {
  const { data, seed, demo = data === undefined && seed === undefined } = options;
  const keys = { secret: options.secret, adminPassword: options.adminPassword };
  if (isEmpty) fill(hive, keys, demo);
  if (seed !== undefined) {
    const { applySeed } = await import('./start/seed/seed.ts');
    applySeed(hive, seed, isEmpty);
  }
  return establish(hive, keys);
}

function refuseWellKnownKeys(hive: Hive, host: string): void {
  const known = wellKnownKeys(hive);
  if (known.length === 0) return;
  throw new Failure('usage', `${host} would let others in: the well-known ${known.join(' and ')} would do`, {
    hint: `Choose another ${known.join(' and ')}, or set insecure if that is intended.`,
    problems: known.map((at) => ({ at, message: 'is the well-known one' })),
  });
}

function latencyOf({ latencyMs = 0 }: ServerOptions): number {
  if (latencyMs >= 0 && latencyMs <= maxLatencyMs) return latencyMs;
  throw new Failure('usage', `latencyMs must be 0 to ${maxLatencyMs}, not ${latencyMs}`, {
    hint: 'A real message bus takes 8 to 20 ms.',
  });
}
