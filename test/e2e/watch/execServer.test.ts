import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { connect } from '../../../src/client/index.ts';
import { bin, Home } from '../../helpers/cli.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { startWatch } from './watching.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const devicehive = `'${process.execPath}' '${bin}'`;

describe('a program of watch --exec', () => {
  it('finds the server of the watch, and its token, whatever the environment says', async () => {
    await using server = await embeddedServer({ strict: true });
    await using admin = await connect({ url: server.url, credentials: server });
    // a command of the program's own, which answers with what the server says of the device
    const exec = `${devicehive} device get --device "$DEVICEHIVE_DEVICE" --query device.id --no-input`;
    const words = ['command', 'watch', '--device', 'd1', '--url', server.url, '--token', server.accessToken];
    await using watch = await startWatch(home, [...words, '--exec', exec, '--count', '1'], {
      env: { DEVICEHIVE_URL: 'ws://127.0.0.1:1/dh/websocket', DEVICEHIVE_TOKEN: 'of-another-server' },
    });
    const updates = await admin.subscribe('command/subscribe', { deviceId: 'd1', returnUpdatedCommands: true });
    await admin.request('command/insert', { deviceId: 'd1', command: { command: 'ask' } });
    const { code, stderr } = await watch.end;
    assert.equal(code, 0, stderr);
    for await (const { command } of updates) {
      assert.deepEqual([command.status, command.result], ['done', { output: 'd1' }], stderr);
      break;
    }
  });

  it('runs for each notification, which it finds on stdin and by name, and its failure is told', async () => {
    await using server = await embeddedServer({ strict: true });
    await using admin = await connect({ url: server.url, credentials: server });
    const exec = `grep -o '"value":[0-9]*' >&2; test "$DEVICEHIVE_NOTIFICATION" = temperature`;
    const words = ['notification', 'watch', '--device', 'd1', '--url', server.url, '--token', server.accessToken];
    await using watch = await startWatch(home, [...words, '--exec', exec, '--count', '2']);
    for (const notification of ['temperature', 'humidity'])
      await admin.request('notification/insert', {
        deviceId: 'd1',
        notification: { notification, parameters: { value: 21 } },
      });
    const { code, stderr } = await watch.end;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /"value":21/);
    assert.match(stderr, /warning: notification \d+ \(humidity\): the program ended with exit code 1/);
    assert.doesNotMatch(stderr, /warning: notification \d+ \(temperature\)/);
  });

  it('leaves its last words on stderr in the result of a failure', async () => {
    await using server = await embeddedServer({ strict: true });
    await using admin = await connect({ url: server.url, credentials: server });
    const exec = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "line $i" >&2; done; sleep 60 >/dev/null & exit 3';
    const words = ['command', 'watch', '--device', 'd1', '--url', server.url, '--token', server.accessToken];
    await using watch = await startWatch(home, [...words, '--exec', exec, '--count', '1']);
    const updates = await admin.subscribe('command/subscribe', { deviceId: 'd1', returnUpdatedCommands: true });
    await admin.request('command/insert', { deviceId: 'd1', command: { command: 'fail' } });
    for await (const { command } of updates) {
      const last = Array.from({ length: 10 }, (_, index) => `line ${index + 3}`).join('\n');
      assert.deepEqual([command.status, command.result], ['failed', { stderr: last, exitCode: 3 }]);
      break;
    }
    const { code, stderr } = await watch.end;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /line 12/);
  });
});
