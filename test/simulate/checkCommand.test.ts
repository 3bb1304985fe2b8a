import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { errorOf, Home } from '../helpers/cli.ts';

/** Returns the results of the test points, by name. */
function points(stdout: string): Map<string, boolean> {
  assert.match(stdout, /^TAP version 14\n1\.\.\d+\n/);
  const found = [...stdout.matchAll(/^(not )?ok \d+ - (.*)$/gm)].map(
    ([, not, name = '']) => [name, not === undefined] as const,
  );
  assert.equal(found.length, Number(/^1\.\.(\d+)$/m.exec(stdout)?.[1]));
  return new Map(found);
}

const module = `export default {
  state: { on: false },
  commands: {
    async switch(device, command) {
      await device.after('10m');
      device.state.on = command.parameters.on;
      return { status: 'done', result: { on: device.state.on } };
    },
  },
  cases: [
    { name: 'is switched on # in time', for: '20m', command: 'switch', parameters: { on: true }, expect: { status: 'done', state: { on: true } } },
    { name: 'fails', for: '20m', command: 'switch', parameters: { on: true }, expect: { result: { on: false } } },
  ],
};
`;

describe('simulate check', () => {
  it('runs the cases of a module, and ends with 9 where one fails', async () => {
    using home = new Home();
    writeFileSync(join(home.work, 'lamp.ts'), module);
    const { code, stdout, stderr } = await home.run(['simulate', 'check', 'lamp.ts']);
    assert.equal(code, 9);
    assert.deepEqual(
      [...points(stdout)],
      [
        ['is switched on \\# in time', true],
        ['fails', false],
      ],
    );
    assert.match(stdout, /^ {2}---\n {2}problems:\n {4}- "result\.on is true, not false"\n {2}reports:\n/m);
    assert.match(stderr, /1 of 2 checks failed/);
  });

  it('tries each command of a plan, and takes cases from a script', async () => {
    using home = new Home();
    writeFileSync(
      join(home.work, 'fleet.yaml'),
      "fleets: [{ id: a, commands: { reboot: [{ status: done, after: 2s }], '*': [] } }]\n",
    );
    writeFileSync(join(home.work, 'good.yaml'), 'cases: [{ command: reboot, expect: { status: done, within: 2s } }]\n');
    writeFileSync(join(home.work, 'bad.yaml'), 'cases:\n  - { comand: reboot, expect: { stat: done } }\n');
    const run = (...words: string[]) => home.run(['simulate', 'check', 'fleet.yaml', ...words]);
    const [each, good, bad, none] = await Promise.all([
      run(),
      run('--script', 'good.yaml'),
      run('--script', 'bad.yaml', '--json'),
      run('--script', 'none.yaml'),
    ]);
    assert.deepEqual([each.code, [...points(each.stdout).keys()]], [0, ['goes on for a minute', 'answers reboot']]);
    assert.match(each.stdout, /^# done after 2000ms$/m);
    assert.deepEqual([good.code, [...points(good.stdout).values()]], [0, [true]]);
    assert.deepEqual([bad.code, bad.stdout], [3, '']);
    assert.equal((errorOf(bad)['problems'] as unknown[]).length, 2);
    assert.equal(none.code, 2);
  });

  it('reports a mistake of the module as such', async () => {
    using home = new Home();
    writeFileSync(
      join(home.work, 'throws.ts'),
      `export default { commands: { a() {\n throw new Error('no lamp'); } } };\n`,
    );
    writeFileSync(
      join(home.work, 'floats.ts'),
      `export default { start(d) {\n void d.after(1).then(() => { throw new Error('lost'); }); } };\n`,
    );
    writeFileSync(join(home.work, 'waits.mjs'), 'await new Promise(() => {});\n');
    const [throws, floats, waits] = await Promise.all(
      ['throws.ts', 'floats.ts', 'waits.mjs'].map((file) => home.run(['simulate', 'check', file])),
    );
    assert.ok(throws !== undefined && floats !== undefined && waits !== undefined);
    assert.equal(waits.code, 3);
    assert.match(waits.stderr, /waits\.mjs cannot be loaded: Error: it awaits what never comes/);
    assert.equal(throws.code, 9);
    assert.match(throws.stdout, /- "throws\.ts:2: failed in the command a of sim-0: Error: no lamp"/);
    assert.equal(floats.code, 3);
    assert.match(floats.stderr, /floats\.ts:2: failed in a promise that nobody awaits: Error: lost/);
  });

  it('ends with 3 for a wrong plan and with 2 for a missing one', async () => {
    using home = new Home();
    writeFileSync(join(home.work, 'fleet.yaml'), 'fleets: []\n');
    const [wrong, gone] = await Promise.all(
      ['fleet.yaml', 'gone.ts'].map((file) => home.run(['simulate', 'check', file])),
    );
    assert.deepEqual([wrong?.code, wrong?.stdout], [3, '']);
    assert.deepEqual([gone?.code, gone?.stdout], [2, '']);
  });
});

describe('simulate init', () => {
  it('writes a plan that works, whose schema an editor finds', async () => {
    using home = new Home();
    assert.equal((await home.run(['simulate', 'init'])).code, 0);
    const [, schema = ''] =
      /^# yaml-language-server: \$schema=(file:.*)\n/.exec(readFileSync(join(home.work, 'fleet.yaml'), 'utf8')) ?? [];
    assert.equal(
      (JSON.parse(readFileSync(fileURLToPath(schema), 'utf8')) as { title: string }).title,
      'A plan of simulated devices',
    );
    const [plan, check] = await Promise.all(
      ['plan', 'check'].map((verb) => home.run(['simulate', verb, 'fleet.yaml'])),
    );
    assert.deepEqual([plan?.code, check?.code], [0, 0]);
    assert.ok((plan?.stdout.split('\n').length ?? 0) > 200);
  });

  it('writes a module that works', async () => {
    using home = new Home();
    assert.equal((await home.run(['simulate', 'init', 'lamp.ts', '--behaviour'])).stdout, 'lamp.ts\n');
    const { code, stdout } = await home.run(['simulate', 'check', 'lamp.ts']);
    assert.equal(code, 0);
    assert.ok(points(stdout).size >= 4);
  });

  it('never overwrites a file unless asked to', async () => {
    using home = new Home();
    writeFileSync(join(home.work, 'fleet.yaml'), 'mine');
    assert.equal((await home.run(['simulate', 'init'])).code, 2);
    assert.equal(readFileSync(join(home.work, 'fleet.yaml'), 'utf8'), 'mine');
    assert.equal((await home.run(['simulate', 'init', '--force'])).code, 0);
    assert.notEqual(readFileSync(join(home.work, 'fleet.yaml'), 'utf8'), 'mine');
    assert.equal((await home.run(['simulate', 'init', 'none/fleet.yaml'])).code, 2);
  });

  it('prints without writing', async () => {
    using home = new Home();
    const { stdout } = await home.run(['simulate', 'init', '--print']);
    assert.match(stdout, /^fleets:$/m);
    assert.equal((await home.run(['simulate', 'plan', '-'], { stdin: stdout })).code, 0);
  });
});
