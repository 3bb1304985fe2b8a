import { commandMap } from './commandMap.ts';
import { terminalWidth, type Io } from '../../terminal/io.ts';
import { listing } from '../../printing/listing.ts';
import { outputOf, printResult } from '../../printing/output.ts';
import type { CommonValues } from '../../target/settings.ts';

/** `devicehive commands`: the map of all commands; as text a line for each. */
export async function commands(values: CommonValues, io: Io): Promise<void> {
  const output = await outputOf(values, io);
  const map = commandMap(io);
  if (output.format !== 'text' || output.query !== undefined) return printResult(map, output, values, io);
  const rows = map.commands.map(({ words, summary }) => [['devicehive', ...words].join(' '), summary]);
  io.out(listing(rows, terminalWidth(io)));
}
