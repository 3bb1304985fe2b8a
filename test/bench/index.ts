import { batch } from './batch.ts';
import { batchMemory } from './batchMemory.ts';
import { eventLoop } from './eventLoop.ts';
import { fleetMemory } from './fleetMemory.ts';
import { fleetMessages, fleetProcesses } from './fleetMessages.ts';
import { fleetTimers } from './fleetTimers.ts';
import { merge } from './merge.ts';
import { server } from './server.ts';
import { serverStart, startup } from './startup.ts';

const benches = {
  startup,
  serverStart,
  batch,
  batchMemory,
  server,
  eventLoop,
  fleetMemory,
  fleetMessages,
  fleetProcesses,
  fleetTimers,
  merge,
};
type Name = keyof typeof benches;

/**
 * `npm run bench`, or `npm run bench -- NAME…`. Every figure is a ratio measured in one interleaved run; the exit code
 * says whether all limits hold.
 */
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benches));
if (unknown.length > 0)
  throw new Error(`there is no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
process.exitCode = 0;
for (const name of Object.keys(benches) as Name[]) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (!(await benches[name]())) process.exitCode = 1;
}
