import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home, type Ended } from '../../helpers/cli.ts';
import { cuts, cuttingProxy, type Cut } from '../../helpers/cuttingProxy.ts';
import { fakeServer, type FakeServer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const env = { DEVICEHIVE_TOKEN: 'a-token' };
const total = 500;
const input = join(home.work, 'inserts.ndjson');
const inserts = Array.from({ length: total }, (_, index) => ({
  ...{ action: 'command/insert', deviceId: 'd1' },
  command: { command: 'go', parameters: { line: index + 1 } },
}));
writeFileSync(input, inserts.map((frame) => `${JSON.stringify(frame)}\n`).join(''));

let journals = 0;

/** Returns the outcomes by line, counted from 1: all of them, or none where the batch never began. */
function outcomes({ code, stdout, stderr }: Ended): Map<number, string> {
  const lines = stdout.split('\n').slice(0, -1);
  const named = lines.map((text) => JSON.parse(text) as { line: number; outcome: string });
  assert.equal(named.length, code === 5 ? 0 : total, stderr);
  return new Map(named.map(({ line, outcome }) => [line, outcome]));
}

/** Returns how often the server received each line. */
function arrivals(fake: FakeServer): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { command } of fake.sent('command/insert')) {
    const { line } = (command as (typeof inserts)[number]['command']).parameters;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return counts;
}

/**
 * Runs a batch over a connection that is cut, then over a good one, and compares both outputs with what the server
 * received.
 */
async function runTwice(cut: Cut, atFrame: number, flags: readonly string[]): Promise<void> {
  await using fake = await fakeServer();
  const journal = join(home.work, `${++journals}.journal`);
  const batch = (url: string, extra: readonly string[] = []) =>
    home.run(['batch', input, '--resume', journal, '--url', url, ...extra], { env });
  await using way = await cuttingProxy(fake.url, cut, atFrame);
  const first = outcomes(await batch(way.url, flags));
  const run = await batch(fake.url);
  const second = outcomes(run);
  const got = arrivals(fake);
  for (let line = 1; line <= total; line++) {
    const told = `line ${line}: ${first.get(line)}, then ${second.get(line)}, and the server got it ${got.get(line) ?? 0} times`;
    if (second.get(line) === 'ok') assert.equal(got.get(line), 1, told);
    else assert.match(told, /: lost, then lost, and the server got it [01] times$/);
    if (first.get(line) === 'ok') assert.equal(second.get(line), 'ok', told);
  }
  assert.equal(run.code, [...second.values()].includes('lost') ? 10 : 0);
}

describe('batch --resume after a connection was cut', () => {
  for (const [name, cut] of Object.entries(cuts)) {
    it(`by ${name}, sends each line once or says that it may have arrived`, async () => {
      for (const atFrame of [1, 200]) await runTwice(cut, atFrame, []);
    });
  }

  it('does so where the connection is made again within the run', () =>
    runTwice(cuts['a reset'], 130, ['--retry', '2']));
});
