import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { errorOf, Home } from '../../helpers/cli.ts';
import { fakeServer, type Answer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const embedded = ['--embedded'];
const env = { DEVICEHIVE_TOKEN: 'a-token' };

describe('--query-required', () => {
  it('ends with 9 where the query gives nothing, and prints what there is', async () => {
    for (const query of ['devices[99].id', 'nothing.at.all', "devices[?id=='none'].id"]) {
      const run = await home.run(['device', 'list', '--query', query, '--query-required', ...embedded]);
      assert.equal(run.code, 9, run.stderr);
      assert.match(run.stderr, /--query '.*' matched nothing/);
    }
    const json = await home.run(['device', 'list', '--query', 'none', '--query-required', '--json', ...embedded]);
    assert.equal(errorOf(json)['exit'], 9);
  });

  it('changes nothing where the query gives something, and without it nothing is a success', async () => {
    const found = await home.run([
      'device',
      'list',
      '--query',
      "devices[?id=='d1'].id | [0]",
      '--query-required',
      ...embedded,
    ]);
    assert.equal(found.code, 0);
    assert.equal(found.stdout, 'd1\n');
    assert.equal((await home.run(['device', 'list', '--query', 'none', ...embedded])).code, 0);
  });

  it('is refused without a query, and for pushes', async () => {
    assert.equal((await home.run(['device', 'list', '--query-required', ...embedded])).code, 2);
    const watch = ['command', 'watch', '--device', 'd1', '--query', 'x', '--query-required', ...embedded];
    assert.equal((await home.run(watch)).code, 2);
  });
});

describe('--output csv', () => {
  const devices = [
    { id: 'a', data: { place: 'attic, "left"', nested: { x: 1 } }, tags: [1, 2], isBlocked: false },
    { id: 'b\nc', data: {}, name: null },
  ];
  const list: Answer = () => ({ devices });

  it('prints a list as records under a header, nested fields with dots', async () => {
    await using server = await fakeServer({ 'device/list': list });
    const run = await home.run(['device', 'list', '-o', 'csv', '--url', server.url], { env });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(
      run.stdout,
      'id,data.place,data.nested.x,tags,isBlocked,data,name\na,"attic, ""left""",1,"[1,2]",false,,\n"b\nc",,,,,{},\n',
    );
  });

  it('has no column for a field that is null where it is no object', async () => {
    const commands = [
      { id: 1, status: null, result: null },
      { id: 2, status: null, result: { exitCode: 3 } },
    ];
    await using server = await fakeServer({ 'command/list': () => ({ commands }) });
    const run = await home.run(['command', 'list', '--device', 'd1', '-o', 'csv', '--url', server.url], { env });
    assert.equal(run.stdout, 'id,status,result.exitCode\n1,,\n2,,3\n');
  });

  it('is refused where the items share too few fields for a table', async () => {
    const strangers = Array.from({ length: 4000 }, (_, index) => ({ [`a${index}`]: 1 }));
    await using server = await fakeServer({ 'device/list': () => ({ devices: strangers }) });
    const run = await home.run(['device', 'list', '-o', 'csv', '--url', server.url], { env });
    assert.equal(run.code, 2, run.stderr);
    assert.match(run.stderr, /4000 items with 4000 different fields make no table/);
    assert.equal(run.stdout, '');
  });

  it('prints what a query takes of it: objects, texts, or nothing', async () => {
    await using server = await fakeServer({ 'device/list': list });
    const csv = ['device', 'list', '-o', 'csv', '--url', server.url, '--query'];
    assert.equal((await home.run([...csv, 'devices[].{id: id}'], { env })).stdout, 'id\na\n"b\nc"\n');
    assert.equal((await home.run([...csv, 'devices[].id'], { env })).stdout, 'value\na\n"b\nc"\n');
    assert.equal((await home.run([...csv, 'devices[9:].id'], { env })).stdout, '');
  });

  it('prints what batch takes back, and all pages', async () => {
    const run = await home.run([
      'device',
      'list',
      '--all',
      '-o',
      'csv',
      '--query',
      "devices[?id=='d1'].{deviceId: id}",
      ...embedded,
    ]);
    assert.equal(run.stdout, 'deviceId\nd1\n');
    const words = ['batch', '-', '--format', 'csv', '--action', 'device/get', ...embedded];
    const taken = await home.run(words, { stdin: run.stdout });
    assert.equal(taken.code, 0, taken.stderr);
  });

  it('is refused for pushes', async () => {
    const run = await home.run(['notification', 'watch', '--device', 'd1', '-o', 'csv', ...embedded]);
    assert.equal(run.code, 2);
    assert.match(run.stderr, /--output csv is about one list/);
  });
});

describe('--envelope of a watch', () => {
  const push = { action: 'notification/insert', subscriptionId: 1, notification: { id: 1, deviceId: 'd1' } };
  const subscribe: Answer = (_request, peer) => {
    setImmediate(() => peer.send(push));
    return { subscriptionId: 1 };
  };

  it('says when each push came', async () => {
    await using server = await fakeServer({ 'notification/subscribe': subscribe });
    const watch = ['notification', 'watch', '--device', 'd1', '--count', '1', '--url', server.url, '--envelope'];
    const before = Date.now();
    const run = await home.run([...watch, '--json'], { env });
    assert.equal(run.code, 0, run.stderr);
    const { receivedAt, push: came } = JSON.parse(run.stdout) as { receivedAt: string; push: unknown };
    assert.deepEqual(came, push);
    assert.match(receivedAt, /^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/);
    assert.ok(Date.parse(receivedAt) >= before && Date.parse(receivedAt) <= Date.now());
    const queried = await home.run([...watch, '--query', 'push.notification.id'], { env });
    assert.equal(queried.stdout, '1\n');
    const text = await home.run([...watch, '-o', 'text'], { env });
    assert.match(text.stdout, /^\d{4}-\S+Z {2}.*d1 /);
  });
});
