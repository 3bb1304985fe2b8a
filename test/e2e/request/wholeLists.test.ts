import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Frame } from '../../../src/protocol/frames.ts';
import { formatTimestamp } from '../../../src/protocol/timestamps.ts';
import { numbered } from '../../client/listing.ts';
import { errorOf, Home } from '../../helpers/cli.ts';
import { fakeServer, type Answer } from '../../helpers/fakeServer.ts';
import { strictServer } from '../../helpers/strictServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const lines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Frame);

describe('--all', () => {
  it('holds 2,675 devices, 2,500 of which have one name', async () => {
    const devices = numbered(2674, (index) => ({ id: `d-${index}`, name: index < 2500 ? 'Lamp' : `Lamp ${index}` }));
    await using strict = await strictServer({ devices });
    const { code, stdout, stderr } = await home.run(['device', 'list', '--all', '--query', 'devices[].id'], strict);
    assert.equal(code, 0, stderr);
    assert.equal(new Set(JSON.parse(stdout) as unknown[]).size, 2675);
  });

  it('holds commands in the order that is asked for, cut before or not', async () => {
    const timeMs = Date.now();
    const commands = numbered(300, (index) => ({
      ...{ deviceId: 'd', command: `c${index % 10}`, id: index + 1, parameters: { text: 'x'.repeat(4000) } },
      timestamp: formatTimestamp(timeMs + (index >> 1)),
    }));
    await using strict = await strictServer({ devices: [{ id: 'd' }], commands });
    const list = async (...flags: string[]) => {
      const run = await home.run(['command', 'list', '--device', 'd', '--all', '-o', 'ndjson', ...flags], strict);
      assert.equal(run.code, 0, run.stderr);
      return lines(run.stdout);
    };
    const times = (items: readonly Frame[]) => items.map(({ timestamp }) => timestamp as string);
    const oldest = await list();
    assert.equal(new Set(oldest.map(({ id }) => id)).size, 300);
    assert.deepEqual(times(oldest), times(oldest).toSorted());
    const newest = await list('--sort-field', 'timestamp', '--skip', '290');
    assert.deepEqual(times(newest), times(oldest).slice(0, 10).reverse());
    const named = await list('--sort-field', 'command', '--sort-order', 'ASC');
    assert.deepEqual(
      named.map(({ command }) => command),
      numbered(300, (index) => `c${Math.floor(index / 30)}`),
    );
  });

  it('ends with 10 and says how many devices are missing, after those that came', async () => {
    const all = numbered(60, (index) => ({ id: `d-${index}`, name: 'Lamp', networkId: 1 }));
    const script: Record<string, Answer> = {
      'device/count': () => ({ count: 62 }),
      'device/list': ({ skip, take }) => ({ devices: all.slice(Number(skip ?? 0), Number(skip ?? 0) + Number(take)) }),
      'network/list': () => ({ networks: [{ id: 1 }] }),
    };
    await using fake = await fakeServer(script);
    const env = { DEVICEHIVE_URL: fake.url, DEVICEHIVE_TOKEN: 'a' };
    const run = await home.run(['device', 'list', '--all', '--json'], { env });
    assert.equal(run.code, 10, run.stderr);
    assert.equal((JSON.parse(run.stdout) as { devices: unknown[] }).devices.length, 60);
    assert.match(String(errorOf(run)['message']), /60 of 62 devices/);
    const streamed = await home.run(['device', 'list', '--all', '-o', 'ndjson'], { env });
    assert.deepEqual([streamed.code, lines(streamed.stdout).length], [10, 60], streamed.stderr);
  });

  it('ends with 10 where one millisecond holds too much', async () => {
    const timestamp = formatTimestamp(Date.now());
    const parameters = { text: 'x'.repeat(20_000) };
    const commands = numbered(30, (index) => ({ deviceId: 'd', command: 'c', id: index + 1, parameters, timestamp }));
    await using strict = await strictServer({ devices: [{ id: 'd' }], commands });
    const { code, stdout, stderr } = await home.run(
      ['command', 'list', '--device', 'd', '--all', '-o', 'ndjson'],
      strict,
    );
    assert.equal(code, 10, stderr);
    assert.ok(lines(stdout).length >= 10);
    assert.match(stderr, /the commands of .* are more than one reply may hold; some of them are missing/);
  });
});

describe('a list that is asked for in one piece', () => {
  it('warns where it was half as large as a server carries', async () => {
    const data = { text: 'x'.repeat(6000) };
    await using strict = await strictServer({ devices: numbered(100, (index) => ({ id: `d-${index}`, data })) });
    const { code, stderr } = await home.run(['device', 'list', '--take', '100'], strict);
    assert.equal(code, 0);
    assert.match(stderr, /^warning: this reply took \d+ KiB: one of 1 MiB makes a default DeviceHive stop/);
    assert.equal((await home.run(['device', 'list', '--take', '50'], strict)).stderr, '');
  });
});

describe('--all from a server whose pages have no end', () => {
  const page = ({ skip, take }: Frame, repeats: boolean) =>
    numbered(Number(take), (index) => ({ id: `d-${repeats ? index : Number(skip) + index}` }));

  it('prints lines as they come, and is refused where pages repeat', async () => {
    const script: Record<string, Answer> = {
      'device/count': () => ({ count: 1e9 }),
      'device/list': (request) => ({ devices: page(request, true) }),
    };
    await using fake = await fakeServer(script);
    const env = { DEVICEHIVE_URL: fake.url, DEVICEHIVE_TOKEN: 'a' };
    const run = await home.run(['device', 'list', '--all', '-o', 'ndjson'], { env });
    assert.equal(run.code, 6, run.stderr);
    assert.equal(lines(run.stdout).length, 250);
    assert.match(run.stderr, /pages of the server have no end: its pages bring the same items again and again/);
  });

  it('is refused where pages go on beyond what the server counts', async () => {
    const script: Record<string, Answer> = {
      'device/count': () => ({ count: 1000 }),
      'device/list': (request) => ({ devices: page(request, false) }),
    };
    await using fake = await fakeServer(script);
    const env = { DEVICEHIVE_URL: fake.url, DEVICEHIVE_TOKEN: 'a' };
    const run = await home.run(['device', 'list', '--all'], { env });
    assert.deepEqual([run.code, run.stdout], [6, '']);
    assert.match(run.stderr, /it counts 1000 items, and its pages go on beyond them/);
  });

  it('needs little memory for lines, however many', async () => {
    const script: Record<string, Answer> = {
      'device/count': () => ({ count: 1e12 }),
      'device/list': (request) => ({
        devices: page(request, false).map((device) => ({ ...device, data: { text: 'x'.repeat(4000) } })),
      }),
    };
    await using fake = await fakeServer(script);
    const env = { DEVICEHIVE_URL: fake.url, DEVICEHIVE_TOKEN: 'a', NODE_OPTIONS: '--max-old-space-size=64' };
    const child = home.start(['device', 'list', '--all', '-o', 'ndjson'], { env });
    let count = 0;
    for await (const chunk of child.stdout ?? []) {
      count += String(chunk).split('\n').length - 1;
      if (count > 20_000) break;
    }
    child.kill('SIGINT');
    assert.ok(count > 20_000, String(count));
  });
});
