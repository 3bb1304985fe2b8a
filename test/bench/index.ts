import { batch } from './batch.ts';
import { fleet } from './fleet.ts';
import { server } from './server.ts';
import { serverStart, startup } from './startup.ts';

/** `npm run bench`: every figure is a ratio measured in one interleaved run; the exit code says whether all limits hold. */
const results = [await startup(), await serverStart(), await batch(), await server(), await fleet()];
process.exitCode = results.every((ok) => ok) ? 0 : 1;
