import { after, afterEach, beforeEach, type SuiteContext, type TestContext } from 'node:test';

/**
 * Time limits for each test file; `npm test` loads this module before the file. A file fails and says why if no test or
 * hook ends within the first limit, or if something keeps its process alive for the second one after the last test.
 * Node's --test-timeout does not help: in Node 20 and 22 it limits whole files, and in Node 24 a file that leaves
 * something open still never ends.
 */
const [silenceMs = 120_000, closingMs = 20_000] = (process.env['TEST_LIMITS_MS']?.split(',') ?? []).map(Number);

type Context = TestContext | SuiteContext;

const running = new Set<Context>();
let watchdog = setTimeout(giveUp, silenceMs, silenceMs).unref();

beforeEach((context: Context) => {
  running.add(context);
  watchdog.refresh();
});
afterEach((context: Context) => {
  running.delete(context);
  watchdog.refresh();
});
after(() => {
  clearTimeout(watchdog);
  watchdog = setTimeout(giveUp, closingMs, closingMs).unref();
});

/** Reports which tests are running and what is open, and ends the process. */
function giveUp(ms: number): never {
  const tests = [...running].map(({ name }) => `  runs: ${name}\n`).join('');
  const open = process.getActiveResourcesInfo().join(', ');
  process.stderr.write(`no test of this file has ended for ${ms / 1000} s\n${tests}  open: ${open}\n`);
  process.exit(1);
}
