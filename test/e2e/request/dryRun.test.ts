import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { fakeServer } from '../../helpers/fakeServer.ts';

/** A machine where no server runs. */
const home = new Home();
after(() => home[Symbol.dispose]());

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];

describe('--dry-run', () => {
  it('prints the frame, without any server', async () => {
    const run = await home.run([...update, '--result', '{"ok":true}', '--dry-run']);
    assert.equal(run.code, 0, run.stderr);
    const { requestId, ...frame } = JSON.parse(run.stdout) as Record<string, unknown>;
    assert.deepEqual(frame, {
      action: 'command/update',
      deviceId: 'd1',
      commandId: 42,
      command: { status: 'done', result: { ok: true } },
    });
    assert.equal(requestId, 1);
  });

  it('sends nothing to the server that is named', async () => {
    await using fake = await fakeServer();
    const run = await home.run([...update, '-n', '--url', fake.url, '--token', '-'], { stdin: 'a-token' });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(fake.handshakes, []);
  });

  it('hides secrets', async () => {
    writeFileSync(join(home.work, 'password.txt'), 'my-password');
    const run = await home.run(['token', 'get', '--login', 'me', '--password-file', 'password.txt', '-n']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal((JSON.parse(run.stdout) as { password: string }).password, '***');
    assert.ok(!`${run.stdout}${run.stderr}`.includes('my-password'));
  });

  it('prints the first frame of --all, and a hidden token for authenticate', async () => {
    const frame = async (...words: string[]): Promise<unknown> =>
      JSON.parse((await home.run([...words, '-n'])).stdout) as unknown;
    const order = { sortField: 'name', sortOrder: 'ASC' };
    assert.deepEqual(await frame('device', 'list', '--all', '--skip', '5'), {
      ...{ action: 'device/list', requestId: 1, ...order },
      ...{ skip: 5, take: 20 },
    });
    const commands = { action: 'command/list', requestId: 1, deviceId: 'd1', take: 20 };
    assert.deepEqual(await frame('command', 'list', '--device', 'd1', '--all'), commands);
    assert.deepEqual(await frame('authenticate'), { action: 'authenticate', requestId: 1, token: '***' });
  });

  it('refuses a wrong value as usual', async () => {
    assert.equal((await home.run(['command', 'get', '--device', 'd1', '--id', '0', '-n'])).code, 3);
  });
});
