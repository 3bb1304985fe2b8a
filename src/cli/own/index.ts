import { authCommands } from './auth.ts';
import { batch } from './batch.ts';
import { commands } from './commands.ts';
import { completion } from './completion.ts';
import { contextCommands } from './context.ts';
import { doctor } from './doctor.ts';
import { exec } from './exec.ts';
import type { OwnCommand } from './ownCommand.ts';
import { reportCommands } from './report.ts';
import { requestAny } from './request.ts';
import { schemaCommands } from './schema.ts';
import { serverCommands } from './server.ts';
import { simulateCommands } from './simulate.ts';
import { traceCommands } from './trace.ts';
import { watchCommands } from './watch.ts';

/** All commands that no action stands behind, in help's order. */
export const ownCommands: readonly OwnCommand[] = [
  ...watchCommands,
  ...serverCommands,
  requestAny,
  batch,
  ...authCommands,
  ...contextCommands,
  exec,
  ...simulateCommands,
  ...reportCommands,
  doctor,
  ...schemaCommands,
  completion,
  commands,
  ...traceCommands,
];

/** The own command that these words call. */
export function ownCommand(noun: string, verb: string | undefined): OwnCommand | undefined {
  return ownCommands.find(({ words }) => words[0] === noun && words[1] === verb);
}

export type { OwnCommand };
