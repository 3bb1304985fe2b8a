import { readFileSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';

/** Limits of this machine that matter to a fleet; null if the system does not report one. */
export interface Machine {
  readonly node: string;
  readonly system: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly freeMemoryMiB: number;
  /** For one process; null also where there is no limit. */
  readonly openFiles: number | null;
  /** Ports for connections to one address of a server. */
  readonly localPorts: number | null;
}

/** Returns the system's limits; call it before the first connection opens, because a report counts open ones too. */
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

/** Returns the memory limit: in a container its own one, if that is lower. */
function memory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Node raises its own limit to the hard one when it starts. */
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

/** Files that are open besides the connections. */
const otherFiles = 50;

/**
 * Returns how many devices a process can have, each with its own connection to one address, and which limit is reached
 * first.
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
