import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Frame, RequestFrame } from '../../../src/protocol/frames.ts';
import { serverStates } from '../../../src/protocol/serverStates.ts';
import { ailingServer } from '../../helpers/ailingServer.ts';
import { ended, errorOf, Home } from '../../helpers/cli.ts';
import { fakeServer, refusing, silent, type Answer, type FakeServer, type Peer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });

const { message, hint } = serverStates['backend silent'];
const id = 7001;
const inserted = { id, timestamp: '2026-01-01T00:00:00.000', lastUpdated: '2026-01-01T00:00:00.000', userId: 1 };
const insert = ['command', 'insert', '--device', 'd1', '--command', 'reboot', '--token-file', 'token.txt'];

/** Returns a command with all 12 keys, as an update pushes it. */
function command(status: string | null, at = '2026-01-01T00:00:01.000', of = id): Frame {
  return {
    id: of,
    command: 'reboot',
    timestamp: inserted.timestamp,
    lastUpdated: at,
    userId: 1,
    deviceId: 'd1',
    networkId: 1,
    deviceTypeId: 1,
    parameters: null,
    lifetime: null,
    status,
    result: { ok: true },
  };
}

function update(of: Frame): Frame {
  return { action: 'command/update', command: of, subscriptionId: 5 };
}

/** Starts a DeviceHive that pushes updates only to their subscribers; `device` plays the device. */
async function hive(device: (peer: Peer, request: RequestFrame) => void, reply: Frame = {}): Promise<FakeServer> {
  return fakeServer({
    'command/subscribe': () => ({ subscriptionId: 5 }),
    'command/insert': (request, peer) => {
      peer.send({
        action: request.action,
        requestId: request.requestId,
        status: 'success',
        command: inserted,
        ...reply,
      });
      device(peer, request);
      return undefined;
    },
  });
}

/** Hangs up. */
const closing: Answer = (_request, peer) => {
  peer.drop();
  return undefined;
};

function run(server: FakeServer, ...args: readonly string[]) {
  return home.run([...insert, '--url', server.url, ...args]);
}

describe('command insert --wait', () => {
  it('prints the reply with the command as updated, all 12 keys, and ends with 0', async () => {
    await using server = await hive((peer) => peer.send(update(command('done'))));
    const { code, stdout, stderr } = await run(server, '--wait=done');
    assert.equal(code, 0, stderr);
    const [request] = server.sent('command/insert');
    assert.deepEqual(JSON.parse(stdout), {
      action: 'command/insert',
      requestId: request?.requestId,
      status: 'success',
      command: command('done'),
    });
  });

  it('subscribes to the updates of the device before it inserts', async () => {
    await using server = await hive((peer) => peer.send(update(command('done'))));
    await run(server, '--wait');
    const actions = server.requests.map(({ action }) => action);
    assert.deepEqual(actions, ['authenticate', 'command/subscribe', 'command/insert']);
    const [{ requestId: _requestId, ...subscribe } = {}] = server.sent('command/subscribe') as Frame[];
    assert.deepEqual(subscribe, { action: 'command/subscribe', deviceId: 'd1', returnUpdatedCommands: true });
  });

  it('hears an update that comes before the reply of the insert', async () => {
    await using server = await fakeServer({
      'command/subscribe': () => ({ subscriptionId: 5 }),
      'command/insert': (_request, peer) => {
        peer.send(update(command('done')));
        return { command: inserted };
      },
    });
    assert.equal((await run(server, '--wait=done')).code, 0);
  });

  it('hears an update that comes before even the subscription is announced', async () => {
    await using server = await fakeServer({
      'command/subscribe': (_request, peer) => {
        peer.send(update(command('done')));
        return { subscriptionId: 5 };
      },
      'command/insert': () => ({ command: inserted }),
    });
    assert.equal((await run(server, '--wait=done')).code, 0);
  });

  it('without a status ends at the first update, whatever it says', async () => {
    await using server = await hive((peer) => peer.send(update(command('failed'))));
    const { code, stdout } = await run(server, '--wait', '--query', 'command.status');
    assert.deepEqual([code, stdout], [0, 'failed\n']);
  });

  it('notes other updates, each once, and goes on waiting', async () => {
    await using server = await hive((peer) => {
      peer.send(update(command('in progress')));
      peer.send(update(command('in progress')));
      peer.send(update(command('done', '2026-01-01T00:00:02.000')));
    });
    const { code, stderr } = await run(server, '--wait=done');
    assert.equal(code, 0);
    assert.equal(stderr.match(/'in progress'/g)?.length, 1, stderr);
  });

  it('distinguishes two updates of one millisecond', async () => {
    await using server = await hive((peer) => {
      peer.send(update(command('in progress')));
      peer.send(update(command('done')));
    });
    assert.equal((await run(server, '--wait=done')).code, 0);
  });

  it('ignores updates of other commands', async () => {
    await using server = await hive((peer) => peer.send(update(command('done', undefined, 1))));
    assert.equal((await run(server, '--wait=done', '--timeout', '50ms')).code, 8);
  });

  it('ends with 8 where the device stays silent, and prints the reply as it came', async () => {
    await using server = await hive(() => undefined);
    const { code, stdout, stderr } = await run(server, '--wait', '--timeout', '50ms');
    assert.equal(code, 8);
    assert.deepEqual((JSON.parse(stdout) as Frame)['command'], inserted);
    assert.match(stderr, /command 7001 was accepted, but device d1 did not answer within 50 ms/);
  });

  for (const [status, ending] of [
    ['done', 0],
    ['failed', 9],
  ] as const)
    it(`ends with ${ending} where the device has answered ${status}, but the push never came`, async () => {
      await using server = await fakeServer({
        'command/subscribe': () => ({ subscriptionId: 5 }),
        'command/insert': () => ({ command: inserted }),
        'command/list': () => ({ commands: [command(null, undefined, 7000), command(status)] }),
      });
      const { code, stdout, stderr } = await run(server, '--wait=done', '--timeout', '50ms');
      assert.equal(code, ending, stderr);
      assert.deepEqual((JSON.parse(stdout) as Frame)['command'], command(status));
      assert.match(stderr, /device d1 has answered command 7001, but the push of it never came/);
      const [asked] = server.sent('command/list');
      assert.equal(asked?.['start'], '2025-12-31T23:59:59.999');
      assert.equal(asked['end'], '2026-01-01T00:00:00.001');
    });

  it('finds the last answer where an earlier one came, and the push of the last did not', async () => {
    await using server = await fakeServer({
      'command/subscribe': () => ({ subscriptionId: 5 }),
      'command/insert': (request, peer) => {
        peer.send({ action: request.action, requestId: request.requestId, status: 'success', command: inserted });
        peer.send(update(command('started')));
        return undefined;
      },
      'command/list': () => ({ commands: [command('done', '2026-01-01T00:00:02.000')] }),
    });
    const { code, stdout, stderr } = await run(server, '--wait=done', '--timeout', '100ms');
    assert.equal(code, 0, stderr);
    assert.equal(((JSON.parse(stdout) as Frame)['command'] as Frame)['status'], 'done');
    assert.match(stderr, /the push of it never came/);
  });

  it('ends with 9 where only other answers came, and prints the last of them', async () => {
    await using server = await fakeServer({
      'command/subscribe': () => ({ subscriptionId: 5 }),
      'command/insert': (_request, peer) => {
        peer.send(update(command('in progress')));
        return { command: inserted };
      },
    });
    const { code, stdout, stderr } = await run(server, '--wait=done', '--timeout', '50ms');
    assert.equal(code, 9);
    assert.deepEqual((JSON.parse(stdout) as Frame)['command'], command('in progress'));
    assert.match(stderr, /answered command 7001 with status 'in progress', not status 'done', within 50 ms/);
  });

  it('ends with 9 at once at a status of --fail-on', async () => {
    await using server = await hive((peer) => peer.send(update(command('error'))));
    const { code, stdout } = await run(server, '--wait=done', '--fail-on', 'failed,error', '--timeout', '600s');
    assert.equal(code, 9);
    assert.deepEqual((JSON.parse(stdout) as Frame)['command'], command('error'));
  });

  it('ends with 6 where the insert is refused, with nothing on stdout', async () => {
    await using server = await fakeServer({
      'command/subscribe': () => ({ subscriptionId: 5 }),
      'command/insert': refusing(404, 'Device with such deviceId = d1 not found'),
    });
    const { code, stdout } = await run(server, '--wait');
    assert.deepEqual([code, stdout], [6, '']);
  });

  it('inserts nothing where updates may not be watched', async () => {
    await using server = await fakeServer({ 'command/subscribe': refusing(403, 'Access is denied') });
    assert.equal((await run(server, '--wait')).code, 4);
    assert.deepEqual(server.sent('command/insert'), []);
  });

  it('says that nothing was inserted where the subscribe is not answered, and that the backend has stopped', async () => {
    await using server = await ailingServer();
    const url = ['--url', server.url, '--timeout', '2s'];
    const args = ['command', 'insert', '--device', 'd1', '--command', 'on', '--wait', '--json', ...url];
    const stopped = await home.run(args, { env: { DEVICEHIVE_TOKEN: server.server.accessToken } });
    assert.equal(stopped.code, 7, stopped.stderr);
    const { message: told, hint: what } = errorOf(stopped);
    assert.ok(String(told).endsWith(`${message}; the command was not inserted`), String(told));
    assert.equal(what, hint);
    assert.deepEqual(server.sent('command/insert'), []);
  });

  it('says that nothing was inserted where the connection is lost before', async () => {
    await using server = await fakeServer({ 'command/subscribe': closing });
    const lost = await run(server, '--wait', '--json');
    assert.equal(lost.code, 5, lost.stderr);
    assert.match(String(errorOf(lost)['message']), /was lost before the reply .*; the command was not inserted$/);
    assert.deepEqual(server.sent('command/insert'), []);
  });

  it('looks why the device does not answer: the backend may have stopped meanwhile', async () => {
    await using server = await fakeServer({
      'command/subscribe': () => ({ subscriptionId: 5 }),
      'command/insert': () => ({ command: inserted }),
      'device/count': silent,
    });
    const pending = await run(server, '--wait', '--json', '--timeout', '50ms');
    assert.equal(pending.code, 8, pending.stderr);
    const { message: told, hint: what } = errorOf(pending);
    assert.equal(told, `command 7001 was accepted, but device d1 did not answer within 50 ms; ${message}`);
    assert.equal(what, hint);
  });

  it('counts --timeout for the device only', async () => {
    const late: Answer = ({ action, requestId }, peer) => {
      setTimeout(() => peer.send({ action, requestId, status: 'success', command: inserted }), 300);
      return undefined;
    };
    await using server = await fakeServer({
      'command/subscribe': () => ({ subscriptionId: 5 }),
      'command/insert': late,
    });
    assert.equal((await run(server, '--wait', '--timeout', '50ms')).code, 8);
  });

  it('hears over the next connection what is pushed after the first was lost', async () => {
    let lives = 0;
    await using server = await fakeServer({
      'command/subscribe': ({ action, requestId }, peer) => {
        peer.send({ action, requestId, status: 'success', subscriptionId: 5 });
        if (++lives === 3) peer.send(update(command('done')));
        else if (lives === 2) setImmediate(() => peer.drop());
        return undefined;
      },
      'command/insert': ({ action, requestId }, peer) => {
        peer.send({ action, requestId, status: 'success', command: inserted });
        setImmediate(() => peer.drop());
        return undefined;
      },
    });
    const { code, stdout, stderr } = await run(server, '--wait=done', '--timeout', '60s');
    assert.equal(code, 0, stderr);
    assert.deepEqual((JSON.parse(stdout) as Frame)['command'], command('done'));
    assert.match(stderr, /lost.*; connecting again, and waiting on for the device\nconnected again to ws:/);
    assert.equal(stderr.match(/connecting again/g)?.length, 1, stderr);
    assert.deepEqual([server.sent('command/insert').length, lives], [1, 3]);
  });

  for (const [status, ending] of [
    ['done', 0],
    ['failed', 9],
  ] as const)
    it(`finds after a lost connection that the device has answered ${status} meanwhile, and ends with ${ending}`, async () => {
      await using server = await fakeServer({
        'command/subscribe': () => ({ subscriptionId: 5 }),
        'command/insert': ({ action, requestId }, peer) => {
          peer.send({ action, requestId, status: 'success', command: inserted });
          setImmediate(() => peer.drop());
          return undefined;
        },
        'command/list': () => ({ commands: [command(status)] }),
      });
      const { code, stdout, stderr } = await run(server, '--wait=done', '--fail-on', 'failed', '--timeout', '60s');
      assert.equal(code, ending, stderr);
      assert.deepEqual((JSON.parse(stdout) as Frame)['command'], command(status));
    });

  it('ends with 5 where the server does not come back in time, and says that the command was inserted', async () => {
    await using server = await hive(() => void server.close());
    const run5 = await run(server, '--wait', '--json', '--timeout', '1s');
    assert.equal(run5.code, 5, run5.stderr);
    assert.equal(run5.stdout, '');
    const error = errorOf(run5);
    assert.match(
      String(error['message']),
      /lost.*; not connected again: .*refused.*; command 7001 was inserted and is not sent again/,
    );
    assert.deepEqual((error['reply'] as Frame)['command'], inserted);
    assert.equal(server.sent('command/insert').length, 1);
  });

  it('does not connect again where the token is no longer good, and says why', async () => {
    let times = 0;
    await using server = await fakeServer({
      authenticate: (request, peer) => (++times === 1 ? {} : refusing(401, 'Invalid token')(request, peer)),
      'command/subscribe': () => ({ subscriptionId: 5 }),
      'command/insert': ({ action, requestId }, peer) => {
        peer.send({ action, requestId, status: 'success', command: inserted });
        setImmediate(() => peer.drop());
        return undefined;
      },
    });
    const { code, stderr } = await run(server, '--wait', '--timeout', '60s');
    assert.equal(code, 4, stderr);
    assert.match(stderr, /command 7001 was inserted and is not sent again/);
  });

  it('ends with 130 on SIGINT, and says that the command was inserted', async () => {
    await using server = await hive((peer) => peer.send(update(command('in progress'))));
    const child = home.start([...insert, '--url', server.url, '--wait=done', '--timeout', '60s']);
    const end = ended(child);
    await new Promise((resolve) => child.stderr?.once('data', resolve));
    child.kill('SIGINT');
    const { code, stderr } = await end;
    assert.equal(code, 130);
    assert.match(stderr, /interrupted; command 7001 was inserted/);
  });
});

describe('the output of command insert --wait', () => {
  it('is an envelope with the outcome and the updated command, once', async () => {
    await using server = await hive((peer) => peer.send(update(command('failed'))));
    const { code, stdout } = await run(server, '--wait=done', '--fail-on', 'failed', '--envelope');
    assert.equal(code, 9);
    const envelope = JSON.parse(stdout) as Frame;
    assert.equal(envelope['outcome'], 'assertion');
    assert.deepEqual((envelope['reply'] as Frame)['command'], command('failed'));
  });

  it('names the outcome pending where no answer came', async () => {
    await using server = await hive(() => undefined);
    const run8 = await run(server, '--wait', '--timeout', '50ms', '--envelope', '--json');
    assert.equal((JSON.parse(run8.stdout) as Frame)['outcome'], 'pending');
    const error = errorOf(run8);
    assert.deepEqual([error['kind'], error['exit']], ['pending', 8]);
  });

  it('works with --embedded, where no device answers', async () => {
    const { code, stdout } = await home.run([
      'command',
      'insert',
      '--device',
      'd1',
      '--command',
      'x',
      '--embedded',
      '--wait',
      '--timeout',
      '50ms',
      '--query',
      'command.userId',
    ]);
    assert.deepEqual([code, stdout], [8, '1\n']);
  });

  it('is only the frame with --dry-run', async () => {
    const { code, stdout } = await home.run([...insert, '--wait=done', '--dry-run']);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), {
      action: 'command/insert',
      requestId: 1,
      deviceId: 'd1',
      command: { command: 'reboot' },
    });
  });
});

describe('the flags of waiting', () => {
  const wrong: readonly (readonly [string, readonly string[]])[] = [
    ['--fail-on without --wait', ['--fail-on', 'failed']],
    ['an empty status', ['--wait=']],
    ['an empty status to fail on', ['--wait', '--fail-on', 'a,,b']],
    ['one status as success and failure', ['--wait=done', '--fail-on', 'done']],
  ];
  for (const [what, args] of wrong) {
    it(`refuse ${what} before anything is sent`, async () => {
      await using server = await fakeServer({ 'command/insert': silent });
      assert.equal((await run(server, ...args)).code, 2);
      assert.deepEqual(server.requests, []);
    });
  }
});
