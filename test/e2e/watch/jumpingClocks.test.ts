import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Frame } from '../../../src/protocol/frames.ts';
import { deadUrl, hangsUp, tcpServer } from '../../helpers/badServer.ts';
import { ended, Home } from '../../helpers/cli.ts';
import { cuttableWay } from '../../helpers/cuttableWay.ts';
import { fakeServer, type Peer } from '../../helpers/fakeServer.ts';
import { jumpingClock } from '../../helpers/jumpingClock.ts';
import { serverForAll, startServer } from '../../helpers/runningServer.ts';
import { jsonLines, startWatch } from './watching.ts';

/** What these tests read of a report. */
interface Report {
  readonly ledger: { readonly notifications: { readonly expected: number; readonly received: number } };
  readonly hops: Readonly<Record<string, { readonly minMs: number; readonly maxMs: number }>>;
}

const hourMs = 3_600_000;
const home = new Home();
const server = serverForAll(home, () => {
  writeFileSync(join(home.work, 'server.json'), server.line, { mode: 0o600 });
});

for (const [way, byMs] of [
  ['forward', hourMs],
  ['back', -hourMs],
] as const) {
  const clock = jumpingClock(home, byMs);
  const { env } = clock;

  describe(`a clock that jumps ${way}`, () => {
    it('keeps a watch neither from connecting again, nor from what it missed', async () => {
      const device = `watched-${way}`;
      await home.run(['device', 'save', '--device', device, '--name', device]);
      const insert = (name: string) => home.run(['command', 'insert', '--device', device, '--command', name]);
      await using to = await cuttableWay(server.ready.url);
      const flags = ['--url', to.url, '--token-file', 'server.json', '--device', device, '--count', '2'];
      await using watch = await startWatch(home, ['command', 'watch', ...flags], { env });
      await to.cut();
      await watch.said('stderr', /connecting again/);
      await clock.jump(watch.child);
      await insert('missed');
      await to.mend();
      await watch.said('stdout', /missed/);
      await insert('live');
      const { code, stdout, stderr } = await watch.end;
      assert.equal(code, 0, stderr);
      const names = jsonLines(stdout).map((line) => (line['command'] as Frame)['command']);
      assert.deepEqual(names, ['missed', 'live']);
      assert.doesNotMatch(stderr, /warning/);
    });

    it('does not change how long a watch tries to connect again', async () => {
      await using to = await cuttableWay(server.ready.url);
      const flags = ['--url', to.url, '--token-file', 'server.json', '--device', 'd1', '--reconnect', '2s'];
      await using watch = await startWatch(home, ['command', 'watch', ...flags], { env });
      await to.cut();
      await watch.said('stderr', /connecting again/);
      await clock.jump(watch.child);
      const { code, stderr } = await watch.end;
      assert.equal(code, 5);
      assert.match(stderr, /not connected again within 2 s: .*refused/);
    });

    it('leaves a --wait its time', async () => {
      let lives = 0;
      const command = { id: 7, timestamp: '2026-01-01T00:00:00.000' };
      let inserted: (peer: Peer) => void = () => undefined;
      const insertion = new Promise<Peer>((resolve) => (inserted = resolve));
      await using hive = await fakeServer({
        'command/subscribe': ({ action, requestId }, peer) => {
          peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
          if (++lives === 2)
            peer.send({ action: 'command/update', command: { ...command, status: 'done' }, subscriptionId: 5 });
          return undefined;
        },
        'command/insert': ({ action, requestId }, peer) => {
          peer.send({ action, requestId, status: 'success', command });
          inserted(peer);
          return undefined;
        },
      });
      const insert = ['command', 'insert', '--device', 'd1', '--command', 'x', '--wait=done', '--timeout', '50s'];
      const waiting = home.start([...insert, '--url', hive.url], { env: { ...env, DEVICEHIVE_TOKEN: 'a-token' } });
      const end = ended(waiting);
      const peer = await insertion;
      await clock.jump(waiting);
      peer.drop();
      const { code, stderr } = await end;
      assert.equal(code, 0, stderr);
    });

    it('leaves server status --wait its time', async () => {
      using other = new Home();
      await using early = await tcpServer(hangsUp);
      const waiting = other.start(['server', 'status', '--url', early.url, '--wait', '50s'], { env });
      const end = ended(waiting);
      await early.visited;
      await clock.jump(waiting);
      await early.close();
      await using _server = await startServer(other, ['--port', String(early.port)]);
      const { code, stderr } = await end;
      assert.equal(code, 0, stderr);
    });

    it('ends server status --wait no later', async () => {
      const waiting = home.start(['server', 'status', '--url', await deadUrl(), '--wait', '3s'], { env });
      const end = ended(waiting);
      await new Promise((resolve) => waiting.stderr?.once('data', resolve));
      await clock.jump(waiting);
      assert.equal((await end).code, 5);
    });

    it('changes nothing in what a simulation plays and measures', async () => {
      const simulation = ['simulate', 'run', '--devices', '2', '--notify', 't=walk(18,26,0.3) every 100ms'];
      await using run = await startWatch(home, [...simulation, '--for', '2s', '--json'], { env });
      await clock.jump(run.child);
      const { code, stdout, stderr } = await run.end;
      assert.equal(code, 0, stderr);
      const { ledger, hops } = JSON.parse(stdout) as Report;
      assert.deepEqual([ledger.notifications.expected, ledger.notifications.received], [40, 40]);
      for (const { minMs, maxMs } of Object.values(hops)) assert.ok(minMs >= 0 && maxMs < 60_000, stdout);
    });
  });
}
