import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { serverStates } from '../../../src/protocol/serverStates.ts';
import type { Bundle } from '../../../src/simulate/measure/bundle.ts';
import { ailingServer } from '../../helpers/ailingServer.ts';
import { ended, Home } from '../../helpers/cli.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
const { message, hint } = serverStates['backend silent'];

describe('a simulation against a server whose backend has stopped', { concurrency: true }, () => {
  for (const processes of ['1', '2'])
    it(`warns once while ${processes} of its processes wait for their devices`, async () => {
      await using server = await ailingServer();
      const env = { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.server.accessToken };
      const args = ['simulate', 'run', '--devices', '4', '--for', '5s', '--timeout', '2s', '--processes', processes];
      const child = home.start(args, { env });
      const end = ended(child);
      let said = '';
      while (!said.includes(hint) && child.stderr !== null) {
        const [chunk] = (await once(child.stderr, 'data')) as [Buffer];
        said += chunk.toString();
      }
      child.kill('SIGINT');
      const { code, stderr } = await end;
      assert.equal(code, 130, stderr);
      assert.equal(stderr.split(`warning: ${message}. ${hint}`).length, 2, stderr);
    });

  it('gives up after what --connect-timeout and --timeout say, and ends with 7', async () => {
    await using server = await ailingServer();
    const env = { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.server.accessToken };
    const flags = ['--devices', '2', '--for', '5s', '--connect-timeout', '500ms', '--timeout', '500ms'];
    const { code, stderr } = await home.run(['simulate', 'run', ...flags], { env });
    assert.equal(code, 7, stderr);
    assert.match(stderr, /0 of 2 devices are up, and for 1 s no more came/);
  });

  it('lists it among its errors when the backend stops in the middle', async () => {
    await using server = await ailingServer('well');
    const env = { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.server.accessToken };
    const args = ['simulate', 'run', '--devices', '4', '--for', '6s', '--timeout', '2s', '--json'];
    const run = home.run([...args, '--notify', 'temperature=walk(18,26,0.3) every 200ms'], { env });
    await server.received('notification/insert', 4);
    server.health = 'backend stopped';
    const { stdout, stderr } = await run;
    const { errors } = JSON.parse(stdout) as Bundle;
    const texts = errors.map(({ text }) => text);
    assert.ok(
      texts.some((text) => text.startsWith('notification/insert: no reply') && text.endsWith(message)),
      `${texts.join('\n')}\n${stderr}`,
    );
  });
});
