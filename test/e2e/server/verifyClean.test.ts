import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { scenarios, uniqueOf } from '../../../src/cli/commands/server/verify/scenarios.ts';
import { connect, type Connection } from '../../../src/client/index.ts';
import { serverStates } from '../../../src/protocol/serverStates.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { ailingServer } from '../../helpers/ailingServer.ts';
import { errorOf, Home } from '../../helpers/cli.ts';
import { doctoredServer } from '../../helpers/doctoredServer.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';

interface Cleaned {
  readonly removed: readonly string[];
  readonly left: readonly string[];
}

function asAdministrator({ url, accessToken }: Pick<RunningServer, 'url' | 'accessToken'>): Promise<Connection> {
  return connect({ url, credentials: { accessToken } });
}

/** Returns the names of everything that a check could have created. */
async function namesIn(server: RunningServer): Promise<string[]> {
  await using connection = await asAdministrator(server);
  const [devices, networks, types, users] = await Promise.all([
    connection.request('device/list', { take: 100 }),
    connection.request('network/list', { take: 100 }),
    connection.request('devicetype/list', { take: 100 }),
    connection.request('user/list', { take: 100 }),
  ]);
  return [
    ...devices.reply.devices.map(({ name }) => name),
    ...networks.reply.networks.map(({ name }) => name),
    ...types.reply.deviceTypes.map(({ name }) => name),
    ...users.reply.users.map(({ login }) => login),
  ].sort();
}

function clean(home: Home, server: RunningServer, prefix: string, ...args: readonly string[]) {
  const env = { DEVICEHIVE_TOKEN: server.accessToken };
  return home.run(['server', 'verify', server.url, '--clean', prefix, ...args], { env });
}

describe('server verify --clean', { concurrency: 2 }, () => {
  it('removes what a killed check has left', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    const before = await namesIn(server);
    let insert = () => undefined as unknown;
    const inserted = new Promise<void>((settle) => (insert = settle));
    await using doctored = await doctoredServer(server.url, {
      onRequest: ({ action, deviceId }) => {
        if (action !== 'command/insert' || !/^verify-.*-dev$/.test(String(deviceId))) return 'pass';
        insert();
        return 'swallow';
      },
    });
    const env = { DEVICEHIVE_TOKEN: server.accessToken };
    const child = home.start(['server', 'verify', doctored.url, '--write'], { env });
    await inserted;
    child.kill('SIGKILL');
    await once(child, 'close');
    const prefix = (await namesIn(server)).map((name) => /^verify-[a-z0-9]+-/.exec(name)?.[0]).find(Boolean) ?? '';
    assert.notEqual(prefix, '');
    const run = await clean(home, server, prefix);
    assert.equal(run.code, 0, run.stderr);
    const { removed, left } = JSON.parse(run.stdout) as Cleaned;
    assert.ok(removed.length > 1, run.stdout);
    assert.deepEqual(left, []);
    assert.deepEqual(await namesIn(server), before);
  });

  it('removes settings too, and nothing of other checks or of anybody else', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    await using connection = await asAdministrator(server);
    const scenario = scenarios.find((one) => one.scenario === 'configuration') ?? assert.fail();
    const name = `${uniqueOf(scenario, 'verify-mine-')}.setting`;
    await connection.request('configuration/put', { name, value: 'v' });
    for (const network of ['verify-mine-01-net', 'verify-yours-01-net', 'verify', 'lamps']) {
      await connection.request('network/insert', { network: { name: network } });
    }
    const run = await clean(home, server, 'verify-mine-');
    assert.equal(run.code, 0, run.stderr);
    const { removed } = JSON.parse(run.stdout) as Cleaned;
    assert.equal(removed.length, 2, run.stdout);
    assert.match(removed[0] ?? '', /^network \d+ \(verify-mine-01-net\)$/);
    assert.equal(removed[1], `configuration ${name}`);
    const names = await namesIn(server);
    assert.deepEqual(
      ['verify-mine-01-net', 'verify-yours-01-net', 'verify', 'lamps'].filter((one) => names.includes(one)),
      ['verify-yours-01-net', 'verify', 'lamps'],
    );
  });

  it('removes more than a page of a list holds', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    await using connection = await asAdministrator(server);
    const before = await namesIn(server);
    for (let index = 0; index < 60; index++) {
      await connection.request('network/insert', { network: { name: `verify-mine-${index}` } });
    }
    const run = await clean(home, server, 'verify-mine-', '--query', 'length(removed)');
    assert.deepEqual([run.code, run.stdout], [0, '60\n'], run.stderr);
    assert.deepEqual(await namesIn(server), before);
  });

  it('ends with 9 and says why where the backend of the server answers no list', async () => {
    using home = new Home();
    await using server = await ailingServer();
    const env = { DEVICEHIVE_TOKEN: server.server.accessToken };
    const args = ['server', 'verify', server.url, '--clean', 'verify-mine-', '--timeout', '2s', '--json'];
    const run = await home.run(args, { env });
    assert.equal(run.code, 9, run.stderr);
    assert.ok(String(errorOf(run)['hint']).endsWith(serverStates['backend silent'].hint), run.stderr);
    const { left } = JSON.parse(run.stdout) as Cleaned;
    assert.deepEqual(left, ['whatever else has a name that begins with verify-mine-']);
  });

  for (const [what, args, message] of [
    ['names of somebody else', ['--clean', 'lamp'], /must be the beginning of names that a check makes/],
    ['a pattern', ['--clean', 'verify-%'], /must be the beginning of names/],
    ['nothing', ['--clean', ''], /must be the beginning of names/],
    ['a check besides', ['--clean', 'verify-mine-', '--write'], /--clean checks nothing, so --write cannot/],
  ] as const)
    it(`refuses ${what}, and sends nothing`, async () => {
      using home = new Home();
      await using server = await ailingServer('well');
      const env = { DEVICEHIVE_TOKEN: server.server.accessToken };
      const run = await home.run(['server', 'verify', server.url, ...args], { env });
      assert.equal(run.code, 2, run.stderr);
      assert.match(run.stderr, message);
      assert.deepEqual(server.sent('device/list'), []);
    });
});
