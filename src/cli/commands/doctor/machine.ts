import { readFileSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';

/** Limits of this machine that matter to a fleet; null if the system does not report one. */
export interface Machine {
  readonly node: string;
  readonly system: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly freeMemoryMiB: number;
  /** For one process; null if unlimited or unknown. */
  readonly openFiles: number | null;
  /** Ports for connections to one address of a server. */
  readonly localPorts: number | null;
}

/** Returns the system's limits. Call it before the first connection opens: Node's report lists open ones too. */
export function machine(): Machine {
  return {
    node: process.version,
    system: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    memoryMiB: mebibytes(memory()),
    freeMemoryMiB: mebibytes(freemem()),
    openFiles: openFiles(),
    localPorts: localPorts(),
  };
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}

/** Returns the memory in bytes: the container's limit, if it is lower than the machine's. */
function memory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Returns the limit of open files, which Node raises to the hard one when it starts. */
function openFiles(): number | null {
  const { userLimits } = process.report.getReport() as {
    userLimits?: { open_files?: { soft?: number | 'unlimited' } };
  };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : null;
}

function localPorts(): number | null {
  try {
    const [from = NaN, to = NaN] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
      .split(/\s+/)
      .map(Number);
    return Number.isFinite(to - from) ? to - from + 1 : null;
  } catch {
    return null;
  }
}

/** Files that a process has open besides its connections. */
const otherFiles = 50;

/**
 * Returns how many devices a process can connect, each with its own connection to one address, and the limit that is
 * reached first.
 */
export function fleetLimit({
  openFiles,
  localPorts,
}: Machine): { readonly devices: number; readonly by: string } | undefined {
  const limits = [
    { devices: openFiles === null ? Infinity : Math.max(0, openFiles - otherFiles), by: 'open files' },
    { devices: localPorts ?? Infinity, by: 'local ports' },
  ].sort((one, other) => one.devices - other.devices);
  return limits.find(({ devices }) => devices !== Infinity);
}
