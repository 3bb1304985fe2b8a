import { commandMap } from './commandMap.ts';
import { terminalWidth } from '../../terminal/io.ts';
import { listing } from '../../printing/listing.ts';
import { withOutput, printResult } from '../../printing/output.ts';
import type { CommonValues } from '../../target/serverName.ts';
import type { CommandTree } from '../toolCommand.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** `devicehive commands`: the map of all commands; as text a line for each. */
export async function commands(program: CommandTree, given: FlagContext<CommonValues>): Promise<void> {
  const context = await withOutput(given);
  const { io, output } = context;
  const map = commandMap(program);
  if (output.format !== 'text' || output.query !== undefined) return printResult(map, context);
  const rows = map.commands.map(({ words, summary }) => [['devicehive', ...words].join(' '), summary]);
  io.out(listing(rows, terminalWidth(io)));
}
