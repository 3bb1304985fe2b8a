import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect } from '../../../src/client/index.ts';
import { numbered } from '../../client/listing.ts';
import { Home } from '../../helpers/cli.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const count = 100;
const seed = {
  networks: [{ name: 'Hall' }],
  users: numbered(count, (index) => ({ login: `user-${index}`, password: `1.50-${index}`, networks: ['Hall'] })),
};

function writePlan(credentials: object, more: object = {}): string {
  const fleet = { id: 'own-{index}', count, first: 0, network: 2, credentials };
  const notifications = [{ name: 'n', every: '1s' }];
  const plan = { fleets: [{ ...fleet, notifications }], load: { for: '2s', 'max-loop-delay': '1h' }, ...more };
  writeFileSync(join(home.work, 'plan.json'), JSON.stringify(plan));
  return 'plan.json';
}

function writeUsers(rows: number): void {
  const lines = numbered(rows, (index) => `user-${index},1.50-${index}`);
  writeFileSync(join(home.work, 'users.csv'), `${['login,password', ...lines].join('\n')}\n`);
}

const fromFile = (column: string) => ({ csv: { file: 'users.csv', column } });

describe('devices with credentials of their own', () => {
  it('log in as 100 users, by a template and a column of a CSV file, and nobody sees the passwords', async () => {
    await using server = await embeddedServer({ strict: true, seed });
    writeUsers(count);
    const plan = writePlan({ login: 'user-{index}', password: fromFile('password') });
    const { code, stdout, stderr } = await home.run(
      ['simulate', 'run', plan, '--url', server.url, '--trace-file', 'run.ndjson', '--verbose'],
      {},
    );
    assert.equal(code, 0, stderr);
    const { devicesUp, ledger } = JSON.parse(stdout) as {
      devicesUp: number;
      ledger: { notifications: { expected: number; received: number } };
    };
    assert.equal(devicesUp, count);
    assert.equal(ledger.notifications.received, ledger.notifications.expected);
    assert.doesNotMatch(`${stdout}${stderr}`, /1\.50-/);
    await using admin = await connect({ url: server.url, credentials: server });
    const { reply } = await admin.request('user/list', { loginPattern: 'user-%', take: 200 });
    assert.equal(reply.users.filter(({ lastLogin }) => typeof lastLogin === 'string').length, count);
  });

  it('are refused where a file lacks rows, or a login its password, before anything is sent', async () => {
    writeUsers(99);
    for (const [credentials, message] of [
      [{ login: 'user-{index}', password: fromFile('password') }, /has 99 rows in users\.csv for 100 devices/],
      [{ login: 'user-{index}', password: fromFile('passwort') }, /did you mean password\?/],
      [{ login: 'user-{index}' }, /needs token alone, or login and password/],
    ] as const) {
      const { code, stderr } = await home.run(['simulate', 'run', writePlan(credentials), '--embedded']);
      assert.equal(code, 3, stderr);
      assert.match(stderr, message);
    }
  });

  it('share no sockets, and travel in no ConfigMap', async () => {
    writeUsers(count);
    const credentials = { login: fromFile('login'), password: fromFile('password') };
    const shared = writePlan(credentials, { load: { for: '2s', connections: 4 } });
    const { code, stderr } = await home.run(['simulate', 'run', shared, '--embedded']);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /cannot be shared by devices that have credentials of their own/);
    const manifest = ['--manifest', 'kubernetes', '--shards', '2', '--url', 'ws://dh/dh/websocket', '--image', 'i'];
    const printed = await home.run(['simulate', 'run', writePlan(credentials), ...manifest]);
    assert.equal(printed.code, 2, printed.stdout);
    assert.match(printed.stderr, /the plan has credentials of devices/);
  });
});
