import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { errorOf, Home } from '../../helpers/cli.ts';
import { fakeServer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

function file(name: string, text: string): string {
  writeFileSync(join(home.work, name), text);
  return name;
}

const list = ['device', 'list'];

describe('a file of variables', () => {
  it('is read where --env-file or DEVICEHIVE_ENV_FILE names it, and never by itself', async () => {
    await using server = await fakeServer();
    file('.env', `# of this project\nDEVICEHIVE_URL="${server.url}"\nexport DEVICEHIVE_TOKEN='of-file'\n`);
    assert.equal((await home.run(list)).code, 2);
    for (const words of [['--env-file', '.env'], ['--env-file=.env']]) {
      const run = await home.run([...list, ...words]);
      assert.equal(run.code, 0, run.stderr);
    }
    const run = await home.run(list, { env: { DEVICEHIVE_ENV_FILE: join(home.work, '.env') } });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(
      server.sent('authenticate').map(({ token }) => token),
      ['of-file', 'of-file', 'of-file'],
    );
  });

  it('comes after what is set already, and says how failures are told', async () => {
    await using server = await fakeServer();
    const variables = file(
      'v.env',
      `\ufeffDEVICEHIVE_URL=ws://127.0.0.1:1\nDEVICEHIVE_OUTPUT=yaml\nDEVICEHIVE_TOKEN=t\n`,
    );
    const run = await home.run([...list, '--env-file', variables], { env: { DEVICEHIVE_URL: server.url } });
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /^action: device\/list$/m);
    const failing = await home.run([...list, '--env-file', file('j.env', 'DEVICEHIVE_OUTPUT=json\n')]);
    assert.equal(errorOf(failing)['exit'], 2);
  });

  it('is refused where it cannot be read, or holds something else', async () => {
    // Node 20 reads --env-file wherever it stands, and ends by itself where there is no such file
    const none = await home.run([...list, '--env-file', 'none.env']);
    assert.ok(none.code === 2 || none.code === 9, none.stderr);
    assert.match(none.stderr, /none\.env/);
    const named = await home.run(list, { env: { DEVICEHIVE_ENV_FILE: 'none.env' } });
    assert.equal(named.code, 2);
    assert.match(named.stderr, /DEVICEHIVE_ENV_FILE: cannot read '.*none\.env': there is no such file/);
    const other = await home.run([...list, '--env-file', file('secret.txt', 'hunter-secret\n'), '--json']);
    assert.match(String(errorOf(other)['message']), /holds no variables/);
    assert.doesNotMatch(other.stderr, /hunter/);
  });

  it('gives none of its tokens to the command of exec, which has its own server', async () => {
    const variables = file('own.env', 'DEVICEHIVE_TOKEN=of-file\n');
    const inner = [
      process.execPath,
      '-e',
      'console.log(process.env.DEVICEHIVE_TOKEN, process.env.DEVICEHIVE_ENV_FILE)',
    ];
    const env = { DEVICEHIVE_ENV_FILE: variables };
    const run = await home.run(['exec', '--', ...inner], { env });
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /^eyJ\S+ undefined\n$/);
    const others = await home.run(['exec', '--', process.execPath, '-e', '', '--', '--env-file', 'none.env']);
    assert.equal(others.code, 0, others.stderr);
  });
});
