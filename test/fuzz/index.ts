import { fuzzClient } from './client.ts';
import { fuzzCommands } from './commands.ts';
import { corrupted, tryDataFile, wholeFile } from './dataFile.ts';
import { fuzzServer } from './server.ts';
import { Tally, tallyHead } from './tally.ts';

/**
 * `npm run fuzz`: a million frames against the embedded server and as many against the client, sizes included, and 320
 * damaged data files. Ends with 1 where anything falls. `npm run fuzz -- SIDE…` plays some sides only; `FRAMES=10000
 * SEED=7` changes how many frames, and which.
 */
const frames = Number(process.env['FRAMES'] ?? 1_000_000);
const seed = Number(process.env['SEED'] ?? 1);

const sides: Readonly<Record<string, (tally: Tally) => Promise<void>>> = {
  'server-logged-in': (tally) => fuzzServer(tally, frames / 2, seed, true),
  'server-stranger': (tally) => fuzzServer(tally, frames / 2, seed + 1, false),
  client: (tally) => fuzzClient(tally, frames, seed),
  commands: (tally) => fuzzCommands(tally, frames / 50, seed),
  data: async (tally) => {
    const whole = await wholeFile();
    for (let number = 0; number < 320; number++) {
      tally.frames++;
      await tryDataFile(corrupted(whole, seed + number)).then(
        (outcome) => (tally.refused += outcome === 'refused' ? 1 : 0),
        (error: unknown) => tally.crash(error),
      );
      tally.progress(320);
    }
  },
};

const wanted = process.argv.slice(2);
const rows: string[] = [];
for (const [name, fuzz] of Object.entries(sides)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const tally = new Tally(name);
  await fuzz(tally).catch((error: unknown) => tally.crash(error));
  rows.push(tally.row());
  for (const crash of tally.crashes.slice(0, 3)) console.error(`\n${name}: ${crash}`);
  if (tally.crashes.length > 0) process.exitCode = 1;
}
console.log([tallyHead, ...rows].join('\n'));
process.exit();
