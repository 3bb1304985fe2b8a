import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { hangsUp, saysNothing, tcpServer } from '../../helpers/badServer.ts';
import { ended, errorOf, Home, type Ended } from '../../helpers/cli.ts';
import { fakeServer, silent } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done'];
const patient = ['--token-file', 'token.txt', '--timeout', '60s', '--connect-timeout', '60s'];
const signals = [
  { signal: 'SIGINT', code: 130 },
  { signal: 'SIGTERM', code: 143 },
  { signal: 'SIGHUP', code: 129 },
] as const;

/** Sends the signal. A process that ignores it is killed, so that the test fails instead of hanging. */
async function interrupted(child: ChildProcess, end: Promise<Ended>, signal: NodeJS.Signals): Promise<Ended> {
  child.kill(signal);
  const guard = setTimeout(() => child.kill('SIGKILL'), 30_000);
  try {
    return await end;
  } finally {
    clearTimeout(guard);
  }
}

function assertInterrupted({ code, signal, stdout, stderr }: Ended, expected: number): void {
  assert.equal(code, expected, `signal ${signal}, ${stderr}`);
  assert.equal(stdout, '');
  assert.doesNotMatch(stderr, /^\s+at /m);
}

describe('a signal', () => {
  for (const { signal, code } of signals) {
    it(`${signal} while waiting for a reply ends with ${code}, and the connection is closed`, async () => {
      await using server = await fakeServer({ 'command/update': silent });
      const child = home.start([...update, ...patient, '--url', server.url, '--json']);
      const end = ended(child);
      await server.received('command/update');
      const run = await interrupted(child, end, signal);
      assertInterrupted(run, code);
      const error = errorOf(run);
      assert.equal(error['kind'], 'interrupted');
      assert.equal(error['exit'], code);
      assert.notEqual(await server.closed(), 1006, 'with a closing handshake');
    });

    it(`${signal} while the server does not answer authenticate ends with ${code}`, async () => {
      await using server = await fakeServer({ authenticate: silent });
      const child = home.start([...update, ...patient, '--url', server.url]);
      const end = ended(child);
      await server.received('authenticate');
      assertInterrupted(await interrupted(child, end, signal), code);
    });

    it(`${signal} while connecting ends with ${code}`, async () => {
      await using server = await tcpServer(saysNothing);
      const child = home.start([...update, ...patient, '--url', server.url]);
      const end = ended(child);
      await server.visited;
      assertInterrupted(await interrupted(child, end, signal), code);
    });

    it(`${signal} while reading stdin ends with ${code}`, async () => {
      const child = home.start(['request', 'server/info', '--data', '-', '--embedded']);
      const end = ended(child);
      child.stdin?.on('error', () => undefined);
      // more than a pipe holds: only a process that reads can take it
      await new Promise((resolve) => child.stdin?.write(' '.repeat(4_000_000), resolve));
      assertInterrupted(await interrupted(child, end, signal), code);
    });

    it(`${signal} while server status waits ends with ${code}`, async () => {
      await using server = await tcpServer(hangsUp);
      const child = home.start(['server', 'status', '--wait', '60s', '--url', server.url]);
      const end = ended(child);
      await server.visited;
      assertInterrupted(await interrupted(child, end, signal), code);
    });
  }

  it('while the embedded server is silent ends with 130', async () => {
    const unknown = ['command', 'update', '--device', 'd1', '--id', '777', '--status', 'done'];
    const child = home.start([...unknown, '--embedded', '--no-probe', '--timeout', '60s']);
    const end = ended(child);
    await new Promise((resolve) => child.stderr?.once('data', resolve));
    assertInterrupted(await interrupted(child, end, 'SIGINT'), 130);
  });
});
