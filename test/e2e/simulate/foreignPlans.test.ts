import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { Home, type Ended } from '../../helpers/cli.ts';

const home = new Home();
const folder = join(home.work, 'plans');
const plan = join(folder, 'fleet.json');
const trace = join(home.work, 'ran');
after(() => home[Symbol.dispose]());

const module = `require('node:fs').appendFileSync(${JSON.stringify(trace)}, 'x'); module.exports = { commands: {} };\n`;
const values = 'value\n1\n';

/** Writes a plan that runs one module and reads one file. */
function write(behaviour: string, csv: string): string {
  const parameters = { value: { csv: { file: csv, column: 'value' } } };
  const text = JSON.stringify({
    fleets: [{ id: 'a-{index}', behaviour, notifications: [{ name: 'n', every: '1s', parameters }] }],
    load: { for: '2s' },
  });
  writeFileSync(plan, text);
  chmodSync(plan, 0o644);
  return text;
}

beforeEach(() => {
  mkdirSync(folder, { recursive: true });
  for (const place of [home.work, folder]) {
    writeFileSync(join(place, 'lamp.cjs'), module);
    writeFileSync(join(place, 'values.csv'), values);
  }
});

/** Runs the plan where nothing is sent, and tells whether its module ran. */
async function played(args: readonly string[], stdin = ''): Promise<Ended & { readonly isRun: boolean }> {
  rmSync(trace, { force: true });
  const run = await home.run(['simulate', 'plan', '--json', ...args], { stdin, cwd: folder });
  return { ...run, isRun: existsSync(trace) };
}

async function isRefused(args: readonly string[], why: RegExp, stdin = ''): Promise<void> {
  const run = await played(args, stdin);
  assert.equal(run.code, 3, run.stderr);
  assert.match(run.stderr, why);
  assert.match(run.stderr, /--allow-outside/);
  assert.equal(run.stdout, '');
  const allowed = await played([...args, '--allow-outside'], stdin);
  assert.equal(allowed.code, 0, allowed.stderr);
}

describe('a plan of somebody else', { concurrency: 1 }, () => {
  it('runs nothing outside its folder', async () => {
    const text = write('../lamp.cjs', 'values.csv');
    chmodSync(plan, 0o666);
    await isRefused(['fleet.json'], /\.\.\/lamp\.cjs.*others may write/);
    assert.ok(existsSync(trace), 'with --allow-outside it runs');
    chmodSync(plan, 0o664);
    assert.equal((await played(['fleet.json'])).isRun, false);
    assert.equal((await played(['-'], text)).isRun, false);
    await isRefused(['-'], /\.\.\/lamp\.cjs.*came from stdin/, text);
  });

  it('reads nothing outside its folder, by whatever way', async () => {
    symlinkSync(home.work, join(folder, 'up'));
    symlinkSync(join(home.work, 'values.csv'), join(folder, 'linked.csv'));
    for (const file of ['../values.csv', join(home.work, 'values.csv'), 'up/values.csv', 'linked.csv', '../none.csv']) {
      write('./lamp.cjs', file);
      chmodSync(plan, 0o666);
      const run = await played(['fleet.json']);
      assert.equal(run.code, 3, file);
      assert.match(run.stderr, /outside the folder of a plan that others may write/, file);
    }
  });

  it('runs and reads what is in its folder', async () => {
    for (const [behaviour, csv] of [
      ['./lamp.cjs', 'values.csv'],
      [join(folder, 'lamp.cjs'), '../plans/values.csv'],
    ] as const) {
      const text = write(behaviour, csv);
      chmodSync(plan, 0o666);
      for (const run of [await played(['fleet.json']), await played(['-'], text)]) {
        assert.equal(run.code, 0, run.stderr);
        assert.ok(run.isRun);
      }
    }
  });

  it('is one that another user owns', { skip: process.getuid?.() !== 0 }, async () => {
    write('../lamp.cjs', 'values.csv');
    chownSync(plan, 65_534, 65_534);
    await isRefused(['fleet.json'], /somebody else owns/);
    chownSync(plan, 0, 0);
  });

  it('is refused as well by check, run and exec', async () => {
    write('../lamp.cjs', 'values.csv');
    chmodSync(plan, 0o666);
    for (const words of [
      ['simulate', 'check', 'fleet.json'],
      ['simulate', 'run', 'fleet.json', '--embedded'],
      ['exec', '--plan', 'fleet.json', '--', 'true'],
    ]) {
      const { code, stderr } = await home.run(words, { cwd: folder });
      assert.equal(code, 3, stderr);
      assert.match(stderr, /--allow-outside/);
    }
  });
});

describe("a plan of the user's own", { concurrency: 1 }, () => {
  it('runs and reads what it names, wherever that is', async () => {
    write('../lamp.cjs', '../values.csv');
    const run = await played(['fleet.json']);
    assert.equal(run.code, 0, run.stderr);
    assert.ok(run.isRun);
  });
});
