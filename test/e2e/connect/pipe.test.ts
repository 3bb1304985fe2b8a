import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import type { RunningServer } from '../../../src/server/index.ts';
import { cuttableWay } from '../../helpers/cuttableWay.ts';
import { ended, Home } from '../../helpers/cli.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { fakeServer, silent } from '../../helpers/fakeServer.ts';

const home = new Home();
let server: RunningServer;

before(async () => {
  server = await embeddedServer({ strict: true });
});
after(async () => {
  await server.close();
  home[Symbol.dispose]();
});

function env(url = server.url): NodeJS.ProcessEnv {
  return { DEVICEHIVE_URL: url, DEVICEHIVE_TOKEN: server.accessToken };
}

function run(lines: readonly string[], args: readonly string[] = []) {
  return home.run(['connect', ...args], { env: env(), stdin: `${lines.join('\n')}\n` });
}

function frames(stdout: string): readonly Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('devicehive connect in a pipe', () => {
  it('takes commands and frames, a reply a line, over one connection', async () => {
    const lines = [
      '# the way of one command',
      'devicehive command insert --device d1 --command blink --parameters \'{"on": true}\'',
      '{"action": "server/info", "requestId": "mine"}',
      '',
      'device get --device d1',
    ];
    const { code, stdout, stderr } = await run(lines, ['--verbose']);
    assert.equal(code, 0, stderr);
    const replies = frames(stdout);
    assert.deepEqual(
      replies.map(({ action, status }) => [action, status]),
      [
        ['command/insert', 'success'],
        ['server/info', 'success'],
        ['device/get', 'success'],
      ],
    );
    assert.equal(replies[1]?.['requestId'], 'mine');
    assert.match(stderr, /"parameters":\{"on":true\}/);
    assert.equal(stderr.match(/"action":"authenticate"/g)?.length, 2, stderr);
  });

  it('shows what watched devices get, and shows it no more when told so', async () => {
    const insert = 'notification insert --device d1 --notification n';
    const { code, stdout, stderr } = await run(['.watch d1', insert, '.unwatch d1', insert, '.unwatch']);
    assert.equal(code, 0, stderr);
    const pushes = frames(stdout).filter(({ status }) => status === undefined);
    assert.deepEqual(
      pushes.map(({ action }) => action),
      ['notification/insert'],
    );
  });

  it('ends a subscription that a frame has made with a frame', async () => {
    const subscribe = '{"action": "notification/subscribe", "deviceId": "d1"}';
    const child = home.start(['connect'], { env: env() });
    const end = ended(child);
    assert.ok(child.stdin !== null && child.stdout !== null);
    const lines = createInterface(child.stdout);
    child.stdin.write(`${subscribe}\n`);
    const [reply] = (await once(lines, 'line')) as [string];
    const { subscriptionId } = JSON.parse(reply) as { subscriptionId: number };
    child.stdin.end(`{"action": "notification/unsubscribe", "subscriptionId": ${subscriptionId}}\n`);
    const { code, stderr } = await end;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /subscription \d+ has ended/);
  });

  it('tells each line that does not succeed, sends nothing of it, and ends with 10', async () => {
    const lines = [
      'device get --device nobody',
      'comand list',
      'command insert --device d1',
      '{"deviceId": "d1"}',
      '{"action": ',
      'device list --url ws://elsewhere',
      'device list | head',
      'command watch --device d1',
      '.wach d1',
      'server info',
    ];
    const { code, stdout, stderr } = await run(lines);
    assert.equal(code, 10, stderr);
    assert.deepEqual(
      frames(stdout).map(({ action, status }) => [action, status]),
      [
        ['device/get', 'error'],
        ['server/info', 'success'],
      ],
    );
    assert.match(stderr, /did you mean command list\?/);
    assert.match(stderr, /--command is required/);
    assert.match(stderr, /names no action/);
    assert.match(stderr, /unknown option '--url'/);
    assert.match(stderr, /holds \|, which only a shell understands/);
    assert.match(stderr, /command watch is \.watch here/);
    assert.match(stderr, /did you mean \.watch\?/);
    assert.match(stderr, /9 of 10 lines did not succeed/);
  });

  it('prints a part of each frame with --query', async () => {
    const { code, stdout } = await run(['server info', 'device get --device d1'], ['--query', 'status']);
    assert.deepEqual([code, stdout], [0, 'success\nsuccess\n']);
  });

  it('connects again, with its subscriptions', async () => {
    await using way = await cuttableWay(server.url);
    const child = home.start(['connect'], { env: env(way.url) });
    const end = ended(child);
    assert.ok(child.stdin !== null && child.stdout !== null && child.stderr !== null);
    const told = createInterface(child.stderr);
    const said = async (pattern: RegExp) => {
      for await (const [line] of on(told)) if (pattern.test(line)) return;
    };
    child.stdin.write('.watch d1\n');
    await said(/watching d1/);
    const lost = said(/was lost .*; connecting again until it succeeds/);
    await way.cut();
    await lost;
    const back = said(/connected again to/);
    await way.mend();
    await back;
    child.stdin.end('notification insert --device d1 --notification after\n');
    const { code, stdout, stderr } = await end;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /"notification":"after"/);
  });

  it('tells silence with 10, and a server that is not there with 5', async () => {
    await using mute = await fakeServer({ 'server/info': silent });
    const args = ['connect', '--url', mute.url, '--timeout', '100ms'];
    const first = await home.run(args, { stdin: 'server info\n' });
    assert.equal(first.code, 10, first.stderr);
    assert.match(first.stderr, /no reply/);
    const second = await home.run(['connect', '--url', 'ws://127.0.0.1:1/dh/websocket', '--token', 't']);
    assert.equal(second.code, 5, second.stderr);
  });
});

async function* on(lines: ReturnType<typeof createInterface>): AsyncGenerator<[string]> {
  for (;;) yield (await once(lines, 'line')) as [string];
}
