import { actionNames, type ActionName } from '../../protocol/schema.ts';
import { nouns, single, wordsFor } from '../flags/commandWords.ts';
import { authCommands } from './auth/declaration.ts';
import { batchCommand } from './batch/declaration.ts';
import { commandsCommand } from './commands/declaration.ts';
import { completionCommand } from './completion/declaration.ts';
import { connectCommand } from './connect/declaration.ts';
import { contextCommands } from './context/declaration.ts';
import { doctorCommand } from './doctor/declaration.ts';
import { execCommand } from './exec/declaration.ts';
import { helpCommand } from './help/declaration.ts';
import type { ToolCommand } from './toolCommand.ts';
import { reportCommands } from './report/declaration.ts';
import { requestAny } from './request/declaration.ts';
import { schemaCommands } from './schema/declaration.ts';
import { serverCommands } from './server/declaration.ts';
import { simulateCommands } from './simulate/declaration.ts';
import { traceCommands } from './trace/declaration.ts';
import { watchCommands } from './watch/declaration.ts';

/** All commands without an action of the protocol, in help's order. */
export const toolCommands: readonly ToolCommand[] = [
  ...watchCommands,
  ...serverCommands,
  requestAny,
  batchCommand,
  connectCommand,
  ...authCommands,
  ...contextCommands,
  execCommand,
  ...simulateCommands,
  ...reportCommands,
  doctorCommand,
  ...schemaCommands,
  completionCommand,
  commandsCommand,
  helpCommand,
  ...traceCommands,
];

/** Returns the tool command with these words. */
export function toolCommand(noun: string, verb: string | undefined): ToolCommand | undefined {
  return toolCommands.find(({ words }) => words[0] === noun && words[1] === verb);
}

/** Verbs in the order in which people need them; any others stand between `update` and `delete`. */
const byUse = ['login', 'start', 'status', 'stop', 'run', 'save', 'insert', 'list', 'get', 'watch', 'update'];

function rankOf(verb: string): number {
  const index = byUse.indexOf(verb);
  if (index !== -1) return index;
  return verb === 'delete' ? byUse.length + 1 : byUse.length;
}

/** All verbs of a noun, in the order of their use. */
export function verbsOf(noun: string): { readonly verb: string; readonly action: ActionName | undefined }[] {
  const derived = actionNames().flatMap((action) => {
    const words = wordsFor(action);
    return words?.[0] === noun && words[1] !== undefined ? [{ verb: words[1], action }] : [];
  });
  const own = toolCommands.flatMap(({ words: [first, verb] }) =>
    first === noun && verb !== undefined ? [{ verb, action: undefined }] : [],
  );
  return [...derived, ...own].sort((one, other) => rankOf(one.verb) - rankOf(other.verb));
}

/** Noun and verb of every command, in help's order; some have one word only. */
export function allWords(): (readonly [noun: string, verb: string | undefined])[] {
  return [
    ...Object.keys(nouns).flatMap((noun) => verbsOf(noun).map(({ verb }) => [noun, verb] as const)),
    ...Object.keys(single).map((word) => [word, undefined] as const),
  ];
}

/** Returns the words that name a command: noun and verb, a command without a verb, a noun alone, or none. */
export function commandOf([noun, verb]: readonly string[]): readonly string[] {
  if (noun === undefined || (!Object.hasOwn(nouns, noun) && !Object.hasOwn(single, noun))) return [];
  return verbsOf(noun).some((entry) => entry.verb === verb) ? [noun, verb ?? ''] : [noun];
}

export type { ToolCommand };
