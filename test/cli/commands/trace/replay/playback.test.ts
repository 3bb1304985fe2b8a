import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { replayPlan } from '../../../../../src/cli/commands/trace/replay/replayPlan.ts';
import { failureOf } from '../../../../helpers/failures.ts';
import { silent, type Answer } from '../../../../helpers/fakeServer.ts';
import { received, sent, type Entry } from '../../../../helpers/traces.ts';
import { played, reply } from './played.ts';
import { momentsOf } from '../recording.ts';

const time = '2026-11-22T22:13:45.123';
const newTime = '2026-11-23T01:02:03.004';

const insert = sent({ action: 'command/insert', requestId: 2, deviceId: 'd1', command: { command: 'blink' } });
const update = sent({
  action: 'command/update',
  requestId: 3,
  deviceId: 'd1',
  commandId: 10,
  command: { status: 'done' },
});
const inserted = reply(2, 'command/insert', { command: { id: 10, timestamp: time, lastUpdated: time, userId: 1 } });
const insertsAs =
  (id: number): Answer =>
  () => ({ command: { id, timestamp: newTime, lastUpdated: newTime, userId: 7 } });

describe('a replay', () => {
  it('replaces ids and times by those that the server chooses now', async () => {
    const list = sent({ action: 'command/list', requestId: 4, deviceId: 'd1', start: time });
    const { told, requests } = await played(
      [
        insert,
        inserted,
        update,
        reply(3, 'command/update'),
        list,
        reply(4, 'command/list', { commands: [{ id: 10 }] }),
      ],
      { 'command/insert': insertsAs(99), 'command/list': () => ({ commands: [{ id: 99 }] }) },
    );
    assert.deepEqual(told, ['agrees command/insert', 'agrees command/update', 'agrees command/list']);
    assert.deepEqual(requests.slice(1), [
      { action: 'command/update', deviceId: 'd1', commandId: 99, command: { status: 'done' } },
      { action: 'command/list', deviceId: 'd1', start: newTime },
    ]);
  });

  it('reports where a reply differs', async () => {
    const get = sent({ action: 'device/get', requestId: 2, deviceId: 'd1' });
    const { findings } = await played([get, reply(2, 'device/get', { device: { id: 'd1', name: 'One' } })], {
      'device/get': () => ({ device: { id: 'd1', name: 'Two' } }),
    });
    assert.deepEqual(findings[0]?.outcome, 'differs');
    assert.deepEqual(findings[0].differences, [{ at: 'device.name', expected: 'One', actual: 'Two' }]);
  });

  it('agrees where a refusal is repeated', async () => {
    const get = sent({ action: 'command/get', requestId: 2, deviceId: 'd1', commandId: 5 });
    const refusal = { status: 'error', code: 404, error: 'Command with id = 5 not found' };
    const recorded = received({ action: 'command/get', requestId: 2, ...refusal });
    assert.deepEqual((await played([get, recorded], { 'command/get': () => refusal })).told, ['agrees command/get']);
  });

  it('sends nothing whose id it never got', async () => {
    const refusal = { status: 'error', code: 403, error: 'Access is denied' };
    const entries = [insert, inserted, update, reply(3, 'command/update')];
    const { findings, told, requests } = await played(entries, { 'command/insert': () => refusal });
    assert.deepEqual(told, ['differs command/insert', 'skipped command/update']);
    assert.match(findings[1]?.reason ?? '', /id .* never got/);
    assert.equal(requests.length, 1);
  });

  it('leaves authenticating to the connection, and sends nothing that is hidden', async () => {
    const authenticate = [sent({ action: 'authenticate', requestId: 1, token: '***' }), reply(1, 'authenticate')];
    const login = [
      sent({ action: 'token', requestId: 2, login: 'a', password: '***' }),
      reply(2, 'token', { accessToken: '***' }),
    ];
    const info = [sent({ action: 'server/info', requestId: 3 }), reply(3, 'server/info')];
    const { told, requests } = await played([...authenticate, ...login, ...info], {});
    assert.deepEqual(told, ['skipped token', 'agrees server/info']);
    assert.deepEqual(requests, [{ action: 'authenticate', token: 'mine' }, { action: 'server/info' }]);
  });

  it('waits for the pushes of the recording, in whatever order they come', async () => {
    const subscribe = sent({ action: 'command/subscribe', requestId: 2, deviceId: 'd1' });
    const push = (id: number, subscriptionId: number) =>
      ({ action: 'command/insert', subscriptionId, command: { id, deviceId: 'd1', command: 'blink' } }) as const;
    const another = sent({ action: 'command/insert', requestId: 3, deviceId: 'd1', command: { command: 'blink' } });
    const entries = [
      ...[subscribe, reply(2, 'command/subscribe', { subscriptionId: 5 })],
      ...[
        { ...insert, frame: { ...insert.frame, requestId: 4 } },
        another,
        received(push(10, 5)),
        received(push(11, 5)),
      ],
      ...[reply(4, 'command/insert', { command: { id: 10 } }), reply(3, 'command/insert', { command: { id: 11 } })],
    ];
    let lastId = 50;
    const { told } = await played(entries, {
      'command/subscribe': () => ({ subscriptionId: 6 }),
      'command/insert': (_request, peer) => {
        const id = ++lastId;
        if (id === 52) for (const pushed of [52, 51]) peer.send(push(pushed, 6));
        return { command: { id } };
      },
    });
    assert.deepEqual(told, [
      'agrees command/subscribe',
      'agrees command/insert',
      'agrees push command/insert',
      'agrees command/insert',
      'agrees push command/insert',
    ]);
  });

  it('reports missing pushes, and those that were not recorded', async () => {
    const subscribe = sent({ action: 'notification/subscribe', requestId: 2, deviceId: 'd1' });
    const push = (name: string, deviceId = 'd1') =>
      ({ action: 'notification/insert', subscriptionId: 5, notification: { deviceId, notification: name } }) as const;
    const subscribed = reply(2, 'notification/subscribe', { subscriptionId: 5 });
    const script: Record<string, Answer> = {
      'notification/subscribe': (_request, peer) => {
        setImmediate(() => [push('on'), push('on', 'other'), push('off')].forEach((one) => peer.send(one)));
        return { subscriptionId: 5 };
      },
    };
    const { told } = await played([subscribe, subscribed, received(push('off'))], script);
    assert.deepEqual(told, [
      'agrees notification/subscribe',
      'agrees push notification/insert',
      'unexpected push notification/insert',
    ]);
    const none = await played(
      [subscribe, subscribed, received(push('off'))],
      {
        'notification/subscribe': () => ({ subscriptionId: 5 }),
      },
      { timeoutMs: 100 },
    );
    assert.deepEqual(none.told, ['agrees notification/subscribe', 'missing push notification/insert']);
  });

  it('expects silence where the recording has it', async () => {
    const script = { 'command/update': silent };
    const agreeing = await played([update], script, { silenceMs: 1000, timeoutMs: 100 });
    assert.deepEqual(agreeing.told, ['agrees command/update']);
    const differing = await played([update], {}, { silenceMs: 1000 });
    assert.deepEqual(differing.told, ['differs command/update']);
    assert.equal(differing.findings[0]?.expected, null);
    const unproven = await played([update], script, { silenceMs: 999 });
    assert.deepEqual(unproven.told, ['skipped command/update']);
  });

  it('reports silence where the recording has a reply', async () => {
    const { told, findings } = await played(
      [update, reply(3, 'command/update')],
      { 'command/update': silent },
      { timeoutMs: 100 },
    );
    assert.deepEqual(told, ['differs command/update']);
    assert.equal(findings[0]?.actual, null);
  });

  it('ends at the first silence where the server answers nothing at all', async () => {
    const entries = Array.from({ length: 30 }, (_, index) => [
      sent({ action: 'device/get', requestId: index, deviceId: 'd1' }),
      reply(index, 'device/get'),
    ]).flat();
    const asked: string[] = [];
    const unanswered: Answer = ({ action }) => void asked.push(action);
    const script = { 'device/get': unanswered, 'server/info': unanswered };
    await failureOf(played(entries, script, { timeoutMs: 50 }), 'timeout', /server\/info is not answered either/);
    assert.deepEqual(asked, ['device/get', 'server/info']);
  });

  it('uses a connection for each of the recording, anonymous where that was', async () => {
    const second = [
      { kind: 'opened' as const, connection: 2 },
      sent({ action: 'authenticate', requestId: 1, token: '***' }, 2),
    ];
    const get = sent({ action: 'device/get', requestId: 2, deviceId: 'd1' }, 2);
    const { requests, told } = await played(
      [
        ...second,
        reply(1, 'authenticate', {}, 2),
        sent({ action: 'server/info', requestId: 1 }),
        reply(1, 'server/info'),
        get,
        reply(2, 'device/get', {}, 2),
      ],
      {},
    );
    assert.deepEqual(told, ['agrees server/info', 'agrees device/get']);
    assert.deepEqual(
      requests.map(({ action }) => action),
      ['authenticate', 'server/info', 'device/get'],
    );
  });

  it('keeps many requests on their way, as the recording did', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => index + 1);
    const requests = ids.map((id) => sent({ action: 'device/get', requestId: id, deviceId: `d${id}` }));
    const replies = ids.map((id) => reply(id, 'device/get'));
    const held: (() => void)[] = [];
    const { told } = await played([...requests, ...replies], {
      'device/get': (request, peer) => {
        held.push(() => peer.send({ action: 'device/get', requestId: request.requestId, status: 'success' }));
        if (held.length === ids.length) for (const answer of held) answer();
        return undefined;
      },
    });
    assert.equal(told.filter((text) => text === 'agrees device/get').length, 50);
  });

  it('keeps the pace of the recording where that is wanted', async () => {
    const entries = [insert, inserted, update, reply(3, 'command/update')];
    const { told } = await played(entries, { 'command/insert': insertsAs(1) }, { speed: 10 });
    assert.deepEqual(told, ['agrees command/insert', 'agrees command/update']);
  });

  it('ends where the connection is lost, or a signal comes', async () => {
    const lost = played([insert, inserted], {
      'command/insert': (_request, peer) => {
        peer.drop();
        return undefined;
      },
    });
    await failureOf(lost, 'connect', /lost/);
    const controller = new AbortController();
    const { signal } = controller;
    const push = received({ action: 'notification/insert', subscriptionId: 5, notification: { deviceId: 'd1' } });
    const waiting = played([insert, inserted, push], { 'command/insert': insertsAs(1) }, { signal });
    setImmediate(() => controller.abort());
    await failureOf(waiting, 'interrupted');
  });
});

describe('a replay without permissions', () => {
  const plan = (entries: readonly Entry[], leave = { allowAdmin: false, allowLarge: false }) =>
    replayPlan(momentsOf(entries), leave);

  it('changes no users or configuration unless that is allowed', async () => {
    const entries = [
      sent({ action: 'user/delete', requestId: 1, userId: 2 }),
      sent({ action: 'user/list', requestId: 2 }),
      sent({ action: 'user/delete', requestId: 3, userId: 3 }),
      sent({ action: 'configuration/put', requestId: 4, name: 'a', value: 'b' }),
    ];
    await failureOf(plan(entries), 'usage', /user\/delete \(2 times\), configuration\/put; nothing was sent/);
    await plan(entries, { allowAdmin: true, allowLarge: false });
  });

  it('sends nothing too large unless that is allowed', async () => {
    const large = sent({
      action: 'command/insert',
      requestId: 1,
      deviceId: 'd1',
      command: { command: 'x'.repeat(1_000_000) },
    });
    await failureOf(plan([large]), 'invalid', /line 2: .*nothing was sent/);
    await plan([large], { allowAdmin: false, allowLarge: true });
  });

  it('does nothing where nothing can be sent', async () => {
    const authenticate = sent({ action: 'authenticate', requestId: 1, token: '***' });
    await failureOf(plan([authenticate, reply(1, 'authenticate')]), 'usage', /no request that can be sent again/);
  });
});
