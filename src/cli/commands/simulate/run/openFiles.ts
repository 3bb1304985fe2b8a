import { readFileSync } from 'node:fs';
import { Failure } from '../../../../errors.ts';
import type { Plan, Shard } from '../../../../simulate/index.ts';

/** Files that a process has open besides the sockets of its devices. */
const ownFiles = 40;
/** The least limit to propose, since other programs of the shell need files too. */
const leastProposed = 1024;

/** The sockets of a run: devices, processes, and whether the server is in this process. */
export interface OpenedSockets {
  readonly plan: Plan;
  readonly shard: Shard;
  readonly processes: number;
  /** True if the server runs inside this command, which then holds both ends of every socket. */
  readonly embedded: boolean;
}

/** Throws a usage `Failure` for a fleet that needs more files than this shell allows. */
export function checkOpenFiles(sockets: OpenedSockets, allowed = openFileLimit()): void {
  const { devices, files } = neededFiles(sockets);
  if (files <= allowed) return;
  const proposed = Math.max(leastProposed, 2 ** Math.ceil(Math.log2(files)));
  throw new Failure('usage', `${devices} devices need ${files} files, this shell allows ${allowed}`, {
    hint: `Allow more, ulimit -n ${proposed}, or let devices share sockets: --connections.`,
  });
}

/** Returns how many files the process with the most of them needs. */
function neededFiles({ plan, shard, processes, embedded }: OpenedSockets): { devices: number; files: number } {
  const devices = Math.ceil((plan.deviceCount - shard.index) / shard.count);
  const sockets = Math.min(plan.load.connections ?? devices, devices);
  const atServer = embedded ? sockets : 0;
  const perProcess = Math.ceil(sockets / processes);
  return { devices, files: ownFiles + (processes === 1 ? perProcess + atServer : Math.max(perProcess, atServer)) };
}

/** Returns how many files a process may have open; Infinity if the system does not say. */
function openFileLimit(): number {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? Infinity : Number(limit);
  } catch {
    return reportedLimit();
  }
}

/** Returns the limit from Node's report, which takes longer than /proc but works everywhere. */
function reportedLimit(): number {
  const { userLimits } = process.report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } };
  };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : Infinity;
}
