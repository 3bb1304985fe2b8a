import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { connect, type Connection } from '../../../src/client/index.ts';
import { formatTimestamp } from '../../../src/protocol/timestamps.ts';
import type { Seed } from '../../../src/server/index.ts';
import type { Bundle } from '../../../src/simulate/measure/bundle.ts';
import { numbered } from '../../client/listing.ts';
import { busySessions } from '../../helpers/busySessions.ts';
import { cuttableWay, type CuttableWay } from '../../helpers/cuttableWay.ts';
import { doctoredServer } from '../../helpers/doctoredServer.ts';
import { ended, Home } from '../../helpers/cli.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { strictServer, type StrictServer } from '../../helpers/strictServer.ts';
import { jsonLines, startWatch } from '../watch/watching.ts';

/** Devices and commands that weigh more than one reply may: what a large installation has. */
const seed: Seed = {
  networks: [{ name: 'Hall' }],
  users: [{ login: 'ops', password: 'secret1', networks: ['Hall'] }],
  devices: [
    ...numbered(1000, (index) => ({ id: `d-${index}`, data: { text: 'x'.repeat(1100) } })),
    { id: 'door-7', network: 'Hall' },
    { id: 'busy' },
    { id: 'heavy' },
  ],
  commands: [...commandsOf('busy', 1500, 900), ...commandsOf('heavy', 100, 12_000)],
};

const home = new Home();
let strict: StrictServer;
let way: CuttableWay;
let admin: Connection;

before(async () => {
  strict = await strictServer(seed);
  way = await cuttableWay(strict.server.url);
  admin = await connect({ url: strict.server.url, credentials: strict.server });
  writeFileSync(join(home.work, 'admin.txt'), strict.server.accessToken, { mode: 0o600 });
});
afterEach(() => {
  assert.deepEqual(strict.server.harms, []);
});
after(async () => {
  await admin.close();
  await way[Symbol.asyncDispose]();
  await strict[Symbol.asyncDispose]();
  home[Symbol.dispose]();
});

function commandsOf(deviceId: string, count: number, bytes: number) {
  const parameters = { text: 'x'.repeat(bytes) };
  // No two share a ms: more of one ms than a reply may hold cannot be replayed without harm, and a watch says so.
  const startMs = Date.now() - count;
  const timestamp = (index: number) => formatTimestamp(startMs + index);
  return numbered(count, (index) => ({
    deviceId,
    command: 'c',
    id: index + 1,
    parameters,
    timestamp: timestamp(index),
  }));
}

/** Runs a command to its end, as the administrator of the large installation unless told otherwise; it must succeed. */
async function succeeds(args: readonly string[], env: NodeJS.ProcessEnv = strict.env): Promise<string> {
  const { code, stdout, stderr } = await home.run(args, { env });
  assert.equal(code, 0, `${stdout}${stderr}`);
  return stdout;
}

describe('what once stopped a real DeviceHive for everybody', () => {
  it('is harmless as a watch of updates whose connection is lost and made again', async () => {
    const flags = ['--url', way.url, '--token-file', 'admin.txt', '--device', 'busy', '--updates'];
    await using watch = await startWatch(home, ['command', 'watch', ...flags, '--count', '2', '--for', '30s']);
    const update = (commandId: number) =>
      admin.request('command/update', { deviceId: 'busy', commandId, command: { status: 'done' } });
    await update(1);
    await watch.said('stdout', /"id":1,/);
    await way.cut();
    await watch.said('stderr', /lost/);
    await update(1400);
    await way.mend();
    const { code, stdout, stderr } = await watch.end;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /"id":1,[^]*"id":1400,/);
    assert.doesNotMatch(stderr, /warning/);
  });

  it('is harmless as the search for the reason of silence beside 100 commands of 12 KB', async () => {
    const update = ['command', 'update', '--device', 'heavy', '--id', '999999', '--status', 'done', '--timeout', '5s'];
    const { code, stderr } = await home.run(update, { env: strict.env });
    assert.equal(code, 7, stderr);
    assert.match(stderr, /device heavy has 4\d commands or more/);
  });

  it('is harmless as --all of 1,000 devices of 1.2 KiB', async () => {
    const ids = jsonLines(await succeeds(['device', 'list', '--all', '-o', 'ndjson'])).map(({ id }) => id);
    assert.deepEqual([ids.length, new Set(ids).size], [1004, 1004]);
  });

  it('is harmless as a watch of a network, or of all that a normal user sees, beside busy clients', async () => {
    await using _others = await busySessions(strict.server);
    const { reply } = await admin.request('token', { login: 'ops', password: 'secret1' });
    writeFileSync(join(home.work, 'ops.txt'), reply.accessToken, { mode: 0o600 });
    const command = { deviceId: 'door-7', command: { command: 'open' } };
    const notification = { deviceId: 'door-7', notification: { notification: 'opened' } };
    for (const [who, noun, flags] of [
      ['admin', 'notification', ['--network', '2']],
      ['admin', 'command', ['--device-type', '1']],
      ['ops', 'command', []],
    ] as const) {
      const server = ['--url', strict.server.url, '--token-file', `${who}.txt`];
      await using watch = await startWatch(home, [noun, 'watch', ...server, ...flags, '--count', '1', '--for', '30s']);
      await admin.request('command/insert', command);
      await admin.request('notification/insert', notification);
      const { code, stderr } = await watch.end;
      assert.equal(code, 0, stderr);
    }
  });

  it('is harmless as operators of more than a hundred devices in one network, over a restart', async () => {
    const pushes = await admin.subscribe('command/subscribe', { names: ['go'] });
    const plan = {
      fleets: [{ id: 's-{index}', count: 120, network: 1, commands: { go: [{ status: 'done' }] } }],
      traffic: [{ command: 'go', rate: '100/s', wait: 'done', timeout: '20s' }],
      load: { for: '5s', 'max-loop-delay': '1h', 'max-send-lag': '1h' },
    };
    writeFileSync(join(home.work, 'plan.json'), JSON.stringify(plan));
    const child = home.start(['simulate', 'run', 'plan.json'], { env: { ...strict.env, DEVICEHIVE_URL: way.url } });
    child.stdin?.end();
    const whole = ended(child);
    let sent = 0;
    for await (const _push of pushes) if (++sent === 100) break;
    await way.cut();
    await way.mend();
    const { stdout, stderr, code } = await whole;
    assert.equal(code, 0, stderr);
    const { ledger, counters } = JSON.parse(stdout) as Bundle;
    const { received, lost, unsent = 0 } = ledger.commands;
    assert.deepEqual({ lost, unsent, told: ledger.updates.lost }, { lost: 0, unsent: 0, told: 0 }, stdout);
    assert.ok(received > 400 && received <= 500, String(received));
    assert.ok((counters['reconnects'] ?? 0) >= 121, stdout);
  });

  it('is harmless as server verify --write: one scenario at a time, and nothing beside a request that waits', async () => {
    const played: string[] = [];
    let isSweeping = false;
    await using server = await embeddedServer({ strict: true });
    await using doctored = await doctoredServer(server.url, {
      onRequest: (request) => {
        isSweeping ||= /^verify-[a-z0-9]+-%$/.test(String(request['namePattern']));
        const scenario = /verify-[a-z0-9]+-(\d\d)/.exec(JSON.stringify(request))?.[1];
        if (scenario !== undefined && !isSweeping && played.at(-1) !== scenario) played.push(scenario);
        return 'pass';
      },
    });
    const flags = ['--write', '--silence', '1s', '--trace-file', 'verify.ndjson'];
    await succeeds(['server', 'verify', doctored.url, ...flags], { DEVICEHIVE_TOKEN: server.accessToken });
    assert.ok(played.length > 5, played.join());
    assert.equal(new Set(played).size, played.length, played.join());
  });
});

describe('the replay of a verification with --allow-admin', { concurrency: true }, () => {
  // an older recording tells less of who did what: more of it is skipped, the more the earlier tokens of others came
  for (const [name, file, summary] of [
    ['as it is', () => 'verify.ndjson', /\n[45]\d\d agree, \d+ skipped\n$/],
    ['as older versions recorded it', withoutBearers, /\n[345]\d\d agree, \d+ skipped\n$/],
  ] as const)
    it(`agrees, and leaves the administrator and all other users as they were: ${name}`, async () => {
      await using server = await embeddedServer({ strict: true });
      const { url, login, password = '' } = server;
      writeFileSync(join(home.work, 'password.txt'), password);
      const env = { DEVICEHIVE_URL: url, DEVICEHIVE_LOGIN: login, DEVICEHIVE_PASSWORD_FILE: 'password.txt' };
      const fields = 'users[].[id, login, role, status, data, introReviewed]';
      const users = () => succeeds(['user', 'list', '--all', '--json', '--query', fields], env);
      const before = await users();
      assert.match(await succeeds(['trace', 'replay', file(), '--allow-admin', '--output', 'text'], env), summary);
      assert.equal(await users(), before);
    });
});

/** The recording as it was made before recordings told whose tokens were used. */
function withoutBearers(): string {
  const text = readFileSync(join(home.work, 'verify.ndjson'), 'utf8');
  const older = text.replaceAll(/,"bearer":\{[^}]*\}/g, '');
  assert.notEqual(older, text);
  writeFileSync(join(home.work, 'older.ndjson'), older);
  return 'older.ndjson';
}
