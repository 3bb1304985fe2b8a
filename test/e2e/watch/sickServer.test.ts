import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { serverStates } from '../../../src/protocol/serverStates.ts';
import { ailingServer } from '../../helpers/ailingServer.ts';
import { errorOf, Home } from '../../helpers/cli.ts';
import { fakeServer, silent } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
const { message, hint } = serverStates['backend silent'];

describe('a watch of a server whose backend has stopped', { concurrency: true }, () => {
  for (const noun of ['command', 'notification'])
    it(`ends with 7 where ${noun}s cannot be subscribed to, and says which services to restart`, async () => {
      await using server = await ailingServer();
      const env = { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: server.server.accessToken };
      const run = await home.run([noun, 'watch', '--device', 'd1', '--json', '--timeout', '2s'], { env });
      assert.equal(run.code, 7, run.stderr);
      const error = errorOf(run);
      assert.ok(String(error['message']).endsWith(message), run.stderr);
      assert.ok(String(error['hint']).endsWith(hint), run.stderr);
    });

  it('looks why nothing came in the time of --for', async () => {
    await using server = await fakeServer({
      'command/subscribe': () => ({ subscriptionId: 5 }),
      'device/count': silent,
    });
    const env = { DEVICEHIVE_URL: server.url, DEVICEHIVE_TOKEN: 'a-token' };
    const run = await home.run(['command', 'watch', '--count', '1', '--for', '100ms', '--json'], { env });
    assert.equal(run.code, 9, run.stderr);
    assert.equal(errorOf(run)['message'], `0 pushes came within 100 ms, not 1; ${message}`);
    assert.equal(errorOf(run)['hint'], hint);
  });
});
