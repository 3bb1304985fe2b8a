import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { Pipelining, type RawReply } from '../../helpers/pipelining.ts';
import { startServer } from '../../helpers/runningServer.ts';

/** Everything that the server acknowledged and so must still have after a restart. */
class Acknowledged {
  readonly devices = new Map<string, number>();
  readonly gone = new Set<string>();
  readonly logins = new Map<string, number>();
  readonly networks = new Map<number, string>();
  readonly properties = new Map<string, string>();
}

const writesARound = 60;

/** Sends writes of all kinds in one burst, without waiting, and notes each when its reply arrives. */
function burst(client: Pipelining, known: Acknowledged, round: number, onReply: () => void): void {
  const write = (action: string, fields: object, note: (reply: RawReply) => void): void => {
    void client.done(action, fields).then((reply) => {
      note(reply);
      onReply();
    });
  };
  for (let count = 0; count < writesARound; count++) {
    const name = `${round}-${count}`;
    const device = { name: name, data: { count } };
    write('device/save', { deviceId: `d-${name}`, device }, () => known.devices.set(`d-${name}`, count));
    write('user/insert', { user: { login: `u-${name}`, password: `secret-${name}`, role: 1 } }, ({ user }) => {
      known.logins.set(`u-${name}`, (user as { id: number }).id);
    });
    write('network/insert', { network: { name: `n-${name}` } }, ({ network }) => {
      known.networks.set((network as { id: number }).id, `n-${name}`);
    });
    write('configuration/put', { name: `p-${count}`, value: name }, () => known.properties.set(`p-${count}`, name));
    write('device/save', { deviceId: `gone-${name}`, device }, () => undefined);
    write('device/delete', { deviceId: `gone-${name}` }, () => known.gone.add(`gone-${name}`));
  }
}

async function assertKept(client: Pipelining, known: Acknowledged): Promise<void> {
  const all = { take: 100_000 };
  const { devices } = (await client.done('device/list', all)) as { devices: { id: string; data: { count: number } }[] };
  const counts = new Map(devices.map(({ id, data }) => [id, (data as { count: number } | null)?.count]));
  for (const [id, count] of known.devices) assert.equal(counts.get(id), count, id);
  for (const id of known.gone) assert.ok(!counts.has(id), id);
  const { users } = (await client.done('user/list', all)) as { users: { id: number; login: string }[] };
  const ids = new Map(users.map(({ id, login }) => [login, id]));
  for (const [login, id] of known.logins) assert.equal(ids.get(login), id, login);
  const { networks } = (await client.done('network/list', all)) as { networks: { id: number; name: string }[] };
  const names = new Map(networks.map(({ id, name }) => [id, name]));
  for (const [id, name] of known.networks) assert.equal(names.get(id), name, name);
  for (const [name, value] of known.properties) {
    const { configuration } = (await client.done('configuration/get', { name })) as { configuration: RawReply };
    // a later write may have been stored without its acknowledgement
    assert.ok(roundOf(configuration['value']) >= roundOf(value), name);
  }
}

function roundOf(value: unknown): number {
  return Number(String(value).split('-')[0]);
}

describe('a server with --data that is killed', () => {
  it('loses nothing that it acknowledged, however often that happens', async () => {
    using home = new Home();
    const known = new Acknowledged();
    let token: string | undefined;
    for (let round = 0; round < 5; round++) {
      await using server = await startServer(home, ['--data', 'hive.db', '--quiet']);
      const client = await Pipelining.open({ ...server.ready, accessToken: token ?? server.ready.accessToken });
      token ??= server.ready.accessToken;
      await assertKept(client, known);
      let replies = 0;
      await new Promise<void>((resolve) => {
        client.socket.once('close', () => resolve());
        burst(client, known, round, () => {
          if (++replies === 30 + round * 50) server.child.kill('SIGKILL');
        });
      });
      await server.stop('SIGKILL');
      assert.ok(replies >= 30, `${replies} replies`);
    }
    await using server = await startServer(home, ['--data', 'hive.db']);
    await assertKept(await Pipelining.open(server.ready), known);
    assert.ok(known.devices.size > 50 && known.gone.size > 50 && known.networks.size > 50);
  });

  it('keeps what it acknowledged over REST', async () => {
    using home = new Home();
    await using server = await startServer(home, ['--data', 'hive.db']);
    const { url, accessToken } = server.ready;
    const headers = { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' };
    const place = url.replace(/^ws(.*)websocket$/, 'http$1rest/device/');
    const answers = Array.from({ length: 20 }, async (_, count) => {
      const body = JSON.stringify({ name: `d-${count}` });
      assert.equal((await fetch(`${place}d-${count}`, { method: 'PUT', headers, body })).status, 204);
    });
    await Promise.all(answers);
    await server.stop('SIGKILL');
    await using again = await startServer(home, ['--data', 'hive.db']);
    assert.equal((await (await Pipelining.open(again.ready)).done('device/count'))['count'], 21);
  });

  it('keeps its files to its owner, and leaves one file when it is stopped', async () => {
    using home = new Home();
    await using server = await startServer(home, ['--data', 'hive.db']);
    const files = readdirSync(home.work).filter((name) => name.startsWith('hive.db'));
    assert.ok(files.includes('hive.db'));
    for (const name of files) assert.equal(statSync(join(home.work, name)).mode & 0o777, 0o600, name);
    assert.equal((await server.stop()).code, 0);
    assert.deepEqual(readdirSync(home.work), ['hive.db']);
    assert.ok(existsSync(join(home.work, 'hive.db')));
  });
});
