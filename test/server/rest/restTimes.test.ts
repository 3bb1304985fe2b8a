import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { describe, it } from 'node:test';
import { startServer } from '../../../src/server/index.ts';
import { ask } from '../http.ts';

describe('the answer to an insert over REST', () => {
  it('comes in a later millisecond than the time it reports, so that clients can ask by the clock for what came since', async () => {
    await using server = await startServer();
    using agent = new ClosingAgent({ keepAlive: true });
    const options = { token: server.accessToken, agent };
    for (const [path, body] of [
      ['/device/d1/command', { command: 'blink' }],
      ['/device/d1/notification', { notification: 'blinked' }],
    ] as const) {
      for (let round = 0; round < 10; round++) {
        const answer = await ask(server, 'POST', path, { ...options, body });
        const answeredAt = Date.now();
        const { id, timestamp } = answer.body as { id: number; timestamp: string };
        assert.ok(Date.parse(`${timestamp}Z`) < answeredAt, `${path}: ${timestamp}, answered at ${answeredAt}`);
        const since = await ask(server, 'GET', `${path}?start=${answeredAt}`, options);
        assert.equal(since.status, 200);
        assert.ok(!(since.body as { id: number }[]).some((item) => item.id === id));
      }
    }
  });
});

describe('an HTTP connection', () => {
  it('stays open while its client pauses', async () => {
    await using server = await startServer();
    using agent = new ClosingAgent({ keepAlive: true });
    const { headers } = await ask(server, 'GET', '/info', { agent });
    assert.equal(headers['keep-alive'], 'timeout=75');
  });
});

class ClosingAgent extends Agent {
  [Symbol.dispose](): void {
    this.destroy();
  }
}
