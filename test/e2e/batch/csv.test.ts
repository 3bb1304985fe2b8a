import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { fakeServer, type FakeServer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

async function sendCsv(
  fake: FakeServer,
  text: string,
  flags: readonly string[] = ['--action', 'command/update'],
  format = 'csv',
) {
  const run = await home.run(['batch', '-', '--format', format, '--url', fake.url, ...flags], {
    stdin: text,
    env: { DEVICEHIVE_TOKEN: 'a-token' },
  });
  const told = run.stdout.split('\n').slice(0, -1);
  const outcomes = told.map(
    (line) => JSON.parse(line) as { line: number; outcome: string; error?: { message: string } },
  );
  return { ...run, outcomes, named: outcomes.map(({ line, outcome }) => `${line} ${outcome}`) };
}

function payloads(fake: FakeServer, action: string): unknown[] {
  return fake.sent(action).map(({ action: _action, requestId: _requestId, ...payload }) => payload);
}

describe('batch --format csv', () => {
  it('takes field names from the header and types from the schema', async () => {
    await using fake = await fakeServer();
    const run = await sendCsv(
      fake,
      'deviceId,commandId,command.status,command.result\r\n7,42,1,"{""ok"":true,""text"":""a,b""}"\r\nd2,43,,{}\r\n\r\nd3,44,"two\r\nlines",\r\n',
    );
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(run.named, ['2 ok', '3 ok', '5 ok']);
    assert.deepEqual(payloads(fake, 'command/update'), [
      { deviceId: '7', commandId: 42, command: { status: '1', result: { ok: true, text: 'a,b' } } },
      { deviceId: 'd2', commandId: 43, command: { result: {} } },
      { deviceId: 'd3', commandId: 44, command: { status: 'two\nlines' } },
    ]);
  });

  it('takes the action from a column, and columns inside free-form objects', async () => {
    await using fake = await fakeServer();
    const text =
      'action,deviceId,command.command,command.parameters.times,command.parameters.text,requestId\ncommand/insert,d1,blink,3,007,mine\n';
    const run = await sendCsv(fake, text, []);
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(payloads(fake, 'command/insert'), [
      { deviceId: 'd1', command: { command: 'blink', parameters: { times: 3, text: '007' } } },
    ]);
    assert.equal(fake.sent('command/insert')[0]?.requestId, 'mine');
  });

  it('reports records that do not fit, and sends the others', async () => {
    await using fake = await fakeServer();
    const run = await sendCsv(
      fake,
      'deviceId,commandId,command.status\nd1,x,done\nd1,1,done,more\nd"1,1,done\nd1,2,done\nd1,3,"cut off\n',
    );
    assert.equal(run.code, 10);
    assert.deepEqual(run.named, ['2 invalid', '3 invalid', '4 invalid']);
    assert.match(run.outcomes[0]?.error?.message ?? '', /commandId must be an integer/);
    assert.match(run.outcomes[1]?.error?.message ?? '', /^the line has 4 cells/);
  });

  it('suggests a name for a column that the action does not know', async () => {
    await using fake = await fakeServer();
    const run = await sendCsv(fake, 'deviceId,commandID,command.status\nd1,1,done\n');
    assert.match(run.stdout, /did you mean commandId/);
  });

  it('is understood by the name of a file', async () => {
    await using fake = await fakeServer();
    const file = join(home.work, 'updates.csv');
    writeFileSync(file, 'action,deviceId\ndevice/get,d1\n');
    const run = await home.run(['batch', file, '--url', fake.url], { env: { DEVICEHIVE_TOKEN: 'a-token' } });
    assert.equal(run.code, 0, run.stderr);
    assert.deepEqual(payloads(fake, 'device/get'), [{ deviceId: 'd1' }]);
  });

  it('is pointed to where the header of a CSV is read as JSON', async () => {
    await using fake = await fakeServer();
    const run = await sendCsv(fake, 'deviceId,device.name\nd1,Lamp\n', [], 'ndjson');
    assert.equal(run.code, 10);
    assert.match(run.stdout, /^\{"line":1,"outcome":"invalid",.*--format csv/);
  });

  it('refuses a header that names nothing, or one thing twice', async () => {
    await using fake = await fakeServer();
    for (const header of ['deviceId,,commandId', 'deviceId,deviceId', 'command,command.status', 'a"b']) {
      const run = await sendCsv(fake, `${header}\nd1,1,1\n`);
      assert.equal(run.code, 2, header);
      assert.equal(run.stdout, '');
    }
  });
});
