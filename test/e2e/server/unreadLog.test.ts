import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { Home } from '../../helpers/cli.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

describe('a server whose log nobody reads', () => {
  it('answers all the same, and stops at once', async () => {
    const child = home.start(['server', 'start', '--json']);
    assert.ok(child.stdout !== null);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { url, accessToken } = JSON.parse(line.toString()) as { url: string; accessToken: string };
    const socket = new WebSocket(url);
    await once(socket, 'open');
    socket.send(JSON.stringify({ action: 'authenticate', requestId: 1, token: accessToken }));
    await once(socket, 'message');
    const swallowed = JSON.stringify({
      action: 'command/update',
      deviceId: 'd1',
      commandId: 7,
      command: { status: 'x'.repeat(400) },
    });
    for (let count = 0; count < 3000; count++) socket.send(swallowed);
    socket.send(JSON.stringify({ action: 'server/info', requestId: 2 }));
    const [reply] = (await once(socket, 'message')) as [Buffer];
    assert.match(reply.toString(), /"requestId":2,"status":"success"/);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];
    assert.equal(code, 0);
    socket.terminate();
  });
});
