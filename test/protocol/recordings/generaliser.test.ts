import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { agree, filled } from '../../../src/protocol/recordings/agreement.ts';
import { Bindings } from '../../../src/protocol/recordings/bindings.ts';
import { Generaliser } from '../../../src/protocol/recordings/generaliser.ts';

const time = '2026-11-22T22:13:45.123';
const bare = () => new Generaliser({ times: new Set() });

describe('a generalised recording', () => {
  it('has placeholders for the ids that the server chose, the same wherever they come again', () => {
    const recording = bare();
    assert.deepEqual(recording.received({ action: 'command/insert', requestId: 2, command: { id: 7, userId: 1 } }), {
      action: 'command/insert',
      command: { id: '${id:1}', userId: '${id:2}' },
    });
    assert.deepEqual(recording.sent({ action: 'command/update', deviceId: 'd1', commandId: 7 }), {
      action: 'command/update',
      deviceId: 'd1',
      commandId: '${id:1}',
    });
    assert.deepEqual(recording.sent({ commandId: '7' }), { commandId: '${idText:1}' });
    assert.deepEqual(recording.received({ commands: [{ id: 7 }, { id: 8 }] }), {
      commands: [{ id: '${id:1}' }, { id: '${id:3}' }],
    });
  });

  it('distinguishes ids of different kinds', () => {
    const recording = bare();
    assert.deepEqual(recording.received({ network: { id: 7 }, deviceType: { id: 7 }, networkIds: [7] }), {
      network: { id: '${id:1}' },
      deviceType: { id: '${id:2}' },
      networkIds: ['${id:1}'],
    });
  });

  it('keeps values that the client sent first', () => {
    const recording = bare();
    const request = { action: 'network/get', networkId: 7 };
    assert.deepEqual(recording.sent(request), request);
    assert.deepEqual(recording.received({ network: { id: 7 } }), { network: { id: 7 } });
  });

  it('keeps ids that are texts, and values that are not ids', () => {
    const frame = { device: { id: 'd1', data: { id: 5, count: 3 } }, count: 3, deviceId: '7' };
    assert.deepEqual(bare().received(frame), frame);
  });

  it('finds ids in the texts of error replies by the kind that they name', () => {
    const recording = bare();
    recording.received({ command: { id: 7 }, network: { id: 8 } });
    const error = (text: string) => recording.received({ error: text })['error'];
    assert.equal(error('Command with id = 7 not found'), 'Command with id = ${id:1} not found');
    assert.equal(error('Network with id = 7 not found'), 'Network with id = 7 not found');
    assert.equal(error('7 of 8 failed'), '7 of 8 failed');
    assert.equal(
      error("Networks with such networkIds wasn't found: {[7, 8]}"),
      "Networks with such networkIds wasn't found: {[7, ${id:2}]}",
    );
    recording.received({ user: { id: 5 }, subscriptionId: 1796078331006000 });
    assert.equal(
      error('Network with id 8 for user with id 5 was not found'),
      'Network with id ${id:2} for user with id ${id:3} was not found',
    );
    assert.equal(
      error('Subscription with id 1796078331006000 was not found'),
      'Subscription with id ${id:4} was not found',
    );
  });

  it('does not mistake other digits for ids', () => {
    const recording = bare();
    recording.received({ deviceType: { id: 89 }, network: { id: 7 } });
    for (const error of [
      'There are the following devices within this device type: lamp-89, 89. Please review and delete them first.',
      'Device with such deviceId = lamp-89 not found',
      'Network with id = 7-7 not found',
    ])
      assert.deepEqual(recording.received({ error }), { error });
    const texts = { deviceTypeId: '089', networkIds: ['7.0', '90071992547409921'] };
    assert.deepEqual(recording.received(texts), texts);
  });

  it('knows the user whose recording it is by the role, not by the number', () => {
    const recording = new Generaliser({ times: new Set(), ownUserId: 5 });
    const bindings = new Bindings([[Generaliser.ownUser, 1]]);
    assert.deepEqual(filled(recording.sent({ userId: 5, networkId: 5 }), bindings), { userId: 1, networkId: 5 });
    assert.ok(
      agree(recording.received({ command: { userId: 5 } }), { command: { userId: 1 } }, bindings, { isOrdered: true }),
    );
  });

  it('leaves only the shape of times, but for those that the client repeats', () => {
    const recording = new Generaliser({ times: new Set([time]) });
    const other = '2026-11-22T22:13:46.000';
    assert.deepEqual(recording.received({ command: { timestamp: time, lastUpdated: other } }), {
      command: { timestamp: '${time:1}', lastUpdated: '${timestamp}' },
    });
    assert.deepEqual(recording.sent({ start: time }), { start: '${time:1}' });
  });

  it('keeps a time that the client sent first, unless times do not count', () => {
    const recording = new Generaliser({ times: new Set([time]) });
    assert.deepEqual(recording.sent({ timestamp: time }), { timestamp: time });
    assert.deepEqual(recording.received({ timestamp: time }), { timestamp: time });
    assert.deepEqual(new Generaliser({ times: 'any' }).sent({ timestamp: time }), { timestamp: '${timestamp}' });
  });

  it('accepts any value for hidden fields and for addresses of the server', () => {
    const reply = { accessToken: '***', error: 'no ***', restServerUrl: 'http://127.0.0.1:1/dh/rest' };
    const any = { accessToken: '${any}', error: '${any}', restServerUrl: '${any}' };
    assert.deepEqual(bare().received(reply), any);
  });

  it('never mistakes recorded text for a placeholder', () => {
    const said = { text: '${any}', list: ['${id:1}', '$', '${dollar}'], token: '${token:1}', claims: {} };
    const pattern = bare().sent(said);
    assert.deepEqual(filled(pattern, new Bindings()), said);
    assert.ok(agree(pattern, said, new Bindings(), { isOrdered: true }));
    assert.ok(!agree(pattern, { ...said, text: 'other' }, new Bindings(), { isOrdered: true }));
  });

  it('binds a time at its first occurrence, and accepts any later one', () => {
    const bindings = new Bindings();
    const pattern = { first: '${time:1}', second: '${time:1}' };
    assert.ok(agree(pattern, { first: time, second: '2026-11-22T22:13:46.000' }, bindings, { isOrdered: true }));
    assert.equal(filled('${time:1}', bindings), time);
    assert.ok(!agree('${time:1}', 'now', bindings, { isOrdered: true }));
  });
});
