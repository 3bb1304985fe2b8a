import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { ask, outcome, replyTo, restWorld, send, type HttpReply, type Listening } from '../http.ts';

type World = Awaited<ReturnType<typeof restWorld>>;

/** Starts a poll. Returns once it is waiting. */
async function polling(server: World, path: string): Promise<{ readonly reply: Promise<HttpReply> }> {
  const before = server.clock.pending;
  const reply = replyTo(send(server, 'GET', path, server));
  await until(server, () => server.clock.pending > before);
  return { reply };
}

/** Polls the server's info until the condition holds. */
async function until(server: Listening, isSo: () => boolean): Promise<void> {
  while (!isSo()) await ask(server, 'GET', '/info');
}

function names({ body }: HttpReply): unknown[] {
  const items = body as { command?: string; notification?: string }[];
  return items.map(({ command, notification }) => command ?? notification ?? null);
}

const blink = { deviceId: 'd1', command: { command: 'blink' } };

describe('a poll', () => {
  it('ends with the first event, however that was sent', async () => {
    await using server = await restWorld();
    const commands = await polling(server, '/device/d1/command/poll');
    const notifications = await polling(server, '/device/notification/poll?networkIds=1');
    server.admin.ask('command/insert', blink);
    server.admin.ask('command/insert', blink);
    server.admin.ask('notification/insert', { deviceId: 'd1', notification: { notification: 'temp' } });
    assert.deepEqual(names(await commands.reply), ['blink']);
    assert.deepEqual(names(await notifications.reply), ['temp']);
  });

  it('without a wait listens for one turn of the event loop', async () => {
    await using server = await restWorld();
    const head = (line: string, ...headers: string[]) =>
      [`${line} HTTP/1.1`, 'Host: localhost', ...headers].join('\r\n');
    const token = `Authorization: Bearer ${server.token}`;
    const body = JSON.stringify(blink.command);
    const socket = connect(server.port, '127.0.0.1');
    // both come in one piece, so that the second is read in the same turn
    socket.write(
      `${head('GET /dh/rest/device/d1/command/poll?waitTimeout=0', token)}\r\n\r\n` +
        `${head('POST /dh/rest/device/d1/command', token, 'Connection: close', `Content-Length: ${body.length}`)}\r\n\r\n${body}`,
    );
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    assert.match(text, /\r\n\r\n\[\{"id":\d+,"command":"blink",/);
  });

  it('shows each command whole, with numbers as they were sent', async () => {
    await using server = await restWorld();
    const { reply } = await polling(server, '/device/d1/command/poll');
    server.admin.say(
      '{"action":"command/insert","deviceId":"d1","command":{"command":"set","parameters":{"t":21.50}}}',
    );
    const { headers, text } = await reply;
    assert.match(text, /^\[\{"id":\d+,"command":"set",.*"parameters":\{"t":21\.50\}.*\}\]$/);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(Object.keys((JSON.parse(text) as object[])[0] ?? {}).length, 12);
  });

  it('shows large commands as they are, to as many as wait', async () => {
    await using server = await restWorld();
    const text = 'é'.repeat(20_000);
    const waiting = [];
    for (let count = 0; count < 3; count++) waiting.push(await polling(server, '/device/d1/command/poll'));
    server.admin.ask('command/insert', { deviceId: 'd1', command: { command: 'big', parameters: { text } } });
    for (const { reply } of waiting) {
      const { body } = await reply;
      assert.equal((body as { parameters: { text: string } }[])[0]?.parameters.text, text);
    }
  });

  it('returns an empty list when its time is up, by default after 30 seconds', async () => {
    await using server = await restWorld();
    const { reply } = await polling(server, '/device/d1/command/poll');
    server.clock.advance(29_999);
    const { reply: other } = await polling(server, '/device/d1/command/poll?waitTimeout=2');
    server.clock.advance(1);
    assert.deepEqual((await reply).body, []);
    server.clock.advance(1999);
    assert.deepEqual((await other).body, []);
    assert.deepEqual((await ask(server, 'GET', '/device/d1/command/poll?waitTimeout=0', server)).body, []);
  });

  it('waits only for names it asks for, and for updates where it asks for them', async () => {
    await using server = await restWorld();
    const named = await polling(server, '/device/d1/command/poll?names=open,close');
    const updated = await polling(server, '/device/d1/command/poll?returnUpdatedCommands=true');
    server.admin.ask('command/insert', blink);
    server.admin.ask('command/insert', { deviceId: 'd1', command: { command: 'close' } });
    server.admin.ask('command/update', { deviceId: 'd1', commandId: 42, command: { status: 'done' } });
    assert.deepEqual(names(await named.reply), ['close']);
    assert.equal(((await updated.reply).body as { id: number }[])[0]?.id, 42);
  });

  it('returns at once the messages stored since its time, once for each name', async () => {
    await using server = await restWorld();
    server.admin.ask('command/insert', { deviceId: 'd1', command: { command: 'one' } });
    server.admin.ask('command/insert', { deviceId: 'd1', command: { command: 'two' } });
    const since = async (query: string) => names(await ask(server, 'GET', `/device/d1/command/poll?${query}`, server));
    assert.deepEqual(await since('timestamp=2020-01-01T00:00:00'), ['blink', 'one', 'two']);
    assert.deepEqual(await since('timestamp=2020-01-01T00:00:00&names=one,two'), ['one', 'two', 'one', 'two']);
    assert.deepEqual(await since('timestamp=2020-01-01T00:00:00&limit=1'), ['blink']);
    assert.deepEqual(await since('timestamp=2020-01-01T00:00:00&limit=0&waitTimeout=0'), []);
    assert.deepEqual(await since('timestamp=2099-01-01T00:00:00&waitTimeout=0'), []);
    assert.deepEqual(await since('timestamp=&waitTimeout=0'), []);
  });

  it('is refused where there is nothing to hear of, and answered at once where one may not', async () => {
    await using server = await restWorld();
    const of = (path: string, token = server.token) => outcome(server, 'GET', path, { token });
    const nothing = server.issued({ n: [] });
    assert.equal(await of('/device/no/command/poll'), '404 Device with such deviceId = no not found');
    assert.equal(await of('/device/d1/command/poll', nothing), '403 Access is denied');
    assert.equal(await of('/device/command/poll', nothing), '200');
    assert.equal(await of('/device/command/poll?deviceId='), '400 Device id is wrong or empty');
    assert.equal(
      await of('/device/command/poll?networkIds=9,8'),
      "404 Networks with such networkIds wasn't found: {[9, 8]}",
    );
    assert.equal(await of('/device/command/poll?deviceTypeIds=x'), '400 Invalid request parameters');
    assert.equal(await of('/device/d1/command/poll?limit=-1'), "400 Limit can't be less than 0.");
    assert.equal(await of('/device/d1/command/poll?limit=x'), '404 HTTP 404 Not Found');
    assert.equal(await of('/device/d1/command/poll?waitTimeout=61'), "400 Timeout can't be more than 60 seconds. ");
    assert.equal(await of('/device/command/poll?timestamp=soon'), '400 Unparseable timestamp');
    assert.equal(await outcome(server, 'GET', '/device/command/poll'), '401 Unauthorized');
  });

  it('does not show a device that its token does not reach', async () => {
    await using server = await restWorld();
    const elsewhere = server.issued({ n: ['7'] });
    const path = '/device/notification/poll?deviceId=d1&waitTimeout=0';
    assert.equal(
      await outcome(server, 'GET', path, { token: elsewhere }),
      '404 Device with such deviceId = d1 not found',
    );
  });
});

describe('a wait for one command', () => {
  const path = '/device/d1/command/42/poll';

  it('ends with the update of that command only', async () => {
    await using server = await restWorld();
    const reply = server.admin.ask('command/insert', blink);
    const other = (reply?.['command'] as { id: number }).id;
    const { reply: waiting } = await polling(server, path);
    server.admin.ask('command/update', { deviceId: 'd1', commandId: other, command: { status: 'no' } });
    server.admin.ask('command/update', { deviceId: 'd1', commandId: 42, command: { status: 'done' } });
    assert.deepEqual(((await waiting).body as { id: number; status: string }).status, 'done');
  });

  it('ends at once for one that is updated, and with 204 for one that does not exist', async () => {
    await using server = await restWorld();
    server.admin.ask('command/update', {
      deviceId: 'd1',
      commandId: 42,
      command: { result: { big: 'x'.repeat(20_000) } },
    });
    const { status, body } = await ask(server, 'GET', path, server);
    assert.deepEqual([status, (body as { id: number }).id], [200, 42]);
    assert.equal(await outcome(server, 'GET', '/device/d1/command/43/poll', server), '204');
  });

  it('ends with 204 when its time is over', async () => {
    await using server = await restWorld();
    const { reply: waiting } = await polling(server, `${path}?waitTimeout=60`);
    server.clock.advance(60_000);
    const { status, headers, text } = await waiting;
    assert.deepEqual([status, headers['content-type'], text], [204, 'application/json', '']);
    assert.equal(await outcome(server, 'GET', `${path}?waitTimeout=0`, server), '204');
  });

  it('is refused for a device that does not exist, and for an invalid id', async () => {
    await using server = await restWorld();
    const of = (where: string) => outcome(server, 'GET', where, server);
    assert.equal(await of('/device/no/command/42/poll'), '404 Device with such deviceId = no not found');
    assert.equal(await of('/device/d1/command/x/poll'), '500 For input string: "x"');
    assert.equal(await of(`${path}?waitTimeout=-1`), "400 Timeout can't be less than 0 seconds. ");
  });
});

describe('open polls', () => {
  const path = '/device/d1/notification/poll?waitTimeout=60';

  it('leave nothing behind when their clients go', async () => {
    await using server = await restWorld();
    const before = server.clock.pending;
    const call = send(server, 'GET', path, server).on('error', () => undefined);
    await until(server, () => server.clock.pending > before);
    call.destroy();
    await until(server, () => server.clock.pending === before);
    assert.equal(server.hive.subscriptions.isEmpty, true);
  });

  it('leave nothing behind when their clients go, though others stood in line before them', async () => {
    await using server = await restWorld();
    const before = server.clock.pending;
    const socket = connect(server.port, '127.0.0.1');
    const line = `GET /dh/rest${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${server.token}\r\n\r\n`;
    socket.write(line.repeat(3));
    await until(server, () => server.clock.pending === before + 3);
    socket.destroy();
    await until(server, () => server.clock.pending === before);
    assert.equal(server.hive.subscriptions.isEmpty, true);
  });

  it('are served by the hundred, beside other requests', async () => {
    await using server = await restWorld();
    using agent = disposable(new Agent({ maxSockets: Infinity }));
    const before = server.clock.pending;
    const polls = Array.from({ length: 500 }, () => replyTo(send(server, 'GET', path, { token: server.token, agent })));
    await until(server, () => server.clock.pending === before + 500);
    assert.equal(
      await outcome(server, 'POST', '/device/d1/notification', { ...server, body: { notification: 'n' } }),
      '201',
    );
    for (const reply of await Promise.all(polls)) assert.deepEqual(names(reply), ['n']);
    assert.equal(server.hive.subscriptions.isEmpty, true);
  });

  it('end at once when the server closes', async () => {
    await using server = await restWorld();
    const list = await polling(server, path);
    const one = await polling(server, '/device/d1/command/42/poll');
    await server[Symbol.asyncDispose]();
    assert.deepEqual((await list.reply).body, []);
    assert.equal((await one.reply).status, 204);
  });
});

describe('a session', () => {
  it('hears of what REST inserts and updates', async () => {
    await using server = await restWorld();
    server.admin.ask('command/subscribe', { deviceId: 'd1' });
    server.admin.ask('command/subscribe', { deviceId: 'd1', returnUpdatedCommands: true });
    server.admin.ask('notification/subscribe', {});
    const { body } = await ask(server, 'POST', '/device/d1/command', { ...server, body: { command: 'over-http' } });
    const { id } = body as { id: number };
    await ask(server, 'PUT', `/device/d1/command/${id}`, { ...server, body: { status: 'done' } });
    await ask(server, 'POST', '/device/d1/notification', { ...server, body: { notification: 'noted' } });
    await ask(server, 'PUT', '/device/new-1', { ...server, body: { name: 'New' } });
    assert.deepEqual(server.admin.pushedNames(), ['over-http', 'over-http', 'noted', '$device-add']);
  });
});

function disposable(agent: Agent): Agent & Disposable {
  return Object.assign(agent, { [Symbol.dispose]: () => agent.destroy() });
}
