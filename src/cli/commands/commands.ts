import { commandMap } from '../describe/commandMap.ts';
import type { Io } from '../io.ts';
import { outputOf, printResult } from '../output.ts';
import type { CommonValues } from '../settings.ts';

/** `devicehive commands`: the map of all commands; as text a line for each. */
export async function commands(values: CommonValues, io: Io): Promise<void> {
  const output = await outputOf(values, io);
  const map = commandMap(io);
  if (output.format !== 'text' || output.query !== undefined) return printResult(map, output, values, io);
  const names = map.commands.map(({ words }) => ['devicehive', ...words].join(' '));
  const width = Math.max(...names.map((name) => name.length));
  io.out(map.commands.map(({ summary }, index) => `${(names[index] ?? '').padEnd(width)}  ${summary}\n`).join(''));
}
