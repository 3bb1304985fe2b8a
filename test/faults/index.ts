import { eachOf } from '../helpers/runningServer.ts';
import { commands } from './commands.ts';
import { faults } from './faults.ts';
import { FaultStage, type Cell } from './matrix.ts';

/**
 * `npm run faults`: every command meets every fault. Prints exit code and seconds of each cell, and what is wrong with
 * any; ends with 1 where something is. `npm run faults -- WORD…` plays only the cells whose names hold one of these
 * words.
 */
const words = process.argv.slice(2);
const pairs = faults
  .flatMap((fault) => commands.map((command) => ({ fault, command, title: `${command.name} × ${fault.name}` })))
  .filter(({ title }) => words.length === 0 || words.some((word) => title.includes(word)));
const cells = new Map<string, Cell>();
await using stage = await FaultStage.open();
await eachOf(pairs, 4, async ({ fault, command, title }) => {
  cells.set(title, await stage.play(command, fault));
});

const width = Math.max(...faults.map(({ name }) => name.length));
commands.forEach(({ name }, index) => console.log(`${String(index + 1).padStart(2)} ${name}`));
console.log(`${' '.repeat(width)}${commands.map((_, index) => String(index + 1).padStart(10)).join('')}`);
for (const { name } of faults) {
  const row = commands.map((command) => shown(cells.get(`${command.name} × ${name}`)).padStart(10));
  if (row.some((text) => text.trim() !== '')) console.log(`${name.padEnd(width)}${row.join('')}`);
}
const wrong = [...cells].filter(([, cell]) => cell.wrong.length > 0);
for (const [title, cell] of wrong) console.log(`\n${title}: ${cell.wrong.join('; ')}\n${cell.said.slice(0, 600)}`);
console.log(`\n${cells.size} cells, ${wrong.length} wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;

function shown(cell: Cell | undefined): string {
  return cell === undefined ? '' : `${cell.wrong.length === 0 ? '' : '✗ '}${cell.code} ${cell.seconds.toFixed(1)}s`;
}
