import { Home } from '../helpers/cli.ts';
import { nonsenseServer } from './client.ts';
import { random } from './random.ts';
import { watched, type Tally } from './tally.ts';

const commands: readonly (readonly string[])[] = [
  ['server', 'info'],
  ['server', 'status'],
  ['device', 'list', '--all'],
  ['device', 'get', 'd1'],
  ['command', 'insert', '--device', 'd1', '--command', 'x', '--wait', '--timeout', '2s'],
  ['command', 'watch', '--device', 'd1', '--count', '3', '--for', '2s'],
  ['notification', 'watch', '--device', 'd1', '--count', '3', '--for', '2s', '-o', 'text'],
  ['request', 'server/info', '-v'],
  ['doctor'],
];

/** Lets commands of the built program talk to a server of nonsense. */
export async function fuzzCommands(tally: Tally, frames: number, seed: number): Promise<void> {
  const dice = random(seed);
  using home = new Home();
  await watched(tally, async () => {
    await using server = await nonsenseServer(tally, dice, 200);
    for (let round = 0; tally.frames < frames && tally.crashes.length === 0; round++) {
      const argv = commands[round % commands.length] ?? [];
      const run = await home.run([...argv, '--url', server.url, '--token', 'a.b.c']);
      if (run.code === 1 || run.code === null || /this is a bug/i.test(run.stderr)) {
        tally.crash(`${argv.join(' ')} ended with ${String(run.code)}: ${run.stderr.slice(0, 2000)}`);
      }
      if (run.code !== 0) tally.refused++;
      tally.progress(frames);
    }
  });
}
