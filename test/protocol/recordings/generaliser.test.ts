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

  it('tells ids of different kinds apart', () => {
    const recording = bare();
    assert.deepEqual(recording.received({ network: { id: 7 }, deviceType: { id: 7 }, networkIds: [7] }), {
      network: { id: '${id:1}' },
      deviceType: { id: '${id:2}' },
      networkIds: ['${id:1}'],
    });
  });

  it('leaves what the client said first', () => {
    const recording = bare();
    const request = { action: 'network/get', networkId: 7 };
    assert.deepEqual(recording.sent(request), request);
    assert.deepEqual(recording.received({ network: { id: 7 } }), { network: { id: 7 } });
  });

  it('leaves ids that are texts, and what is no id', () => {
    const frame = { device: { id: 'd1', data: { id: 5, count: 3 } }, count: 3, deviceId: '7' };
    assert.deepEqual(bare().received(frame), frame);
  });

  it('finds ids in the texts of error replies, by what those speak of', () => {
    const recording = bare();
    recording.received({ command: { id: 7 }, network: { id: 8 } });
    const error = (text: string) => recording.received({ error: text })['error'];
    assert.equal(error('Command with id = 7 not found'), 'Command with id = ${id:1} not found');
    assert.equal(error('Network with id = 7 not found'), 'Network with id = 7 not found');
    assert.equal(error('7 of 8 failed'), '7 of 8 failed');
  });

  it('leaves only the shape of times, but for those that the client repeats', () => {
    const recording = new Generaliser({ times: new Set([time]) });
    const other = '2026-11-22T22:13:46.000';
    assert.deepEqual(recording.received({ command: { timestamp: time, lastUpdated: other } }), {
      command: { timestamp: '${time:1}', lastUpdated: '${timestamp}' },
    });
    assert.deepEqual(recording.sent({ start: time }), { start: '${time:1}' });
  });

  it('leaves a time that the client said first, unless no time counts', () => {
    const recording = new Generaliser({ times: new Set([time]) });
    assert.deepEqual(recording.sent({ timestamp: time }), { timestamp: time });
    assert.deepEqual(recording.received({ timestamp: time }), { timestamp: time });
    assert.deepEqual(new Generaliser({ times: 'any' }).sent({ timestamp: time }), { timestamp: '${timestamp}' });
  });

  it('admits anything for what was hidden, and for where the server is', () => {
    const reply = { accessToken: '***', error: 'no ***', restServerUrl: 'http://127.0.0.1:1/dh/rest' };
    const any = { accessToken: '${any}', error: '${any}', restServerUrl: '${any}' };
    assert.deepEqual(bare().received(reply), any);
  });

  it('takes nothing that was said for a placeholder', () => {
    const said = { text: '${any}', list: ['${id:1}', '$', '${dollar}'], token: '${token:1}', claims: {} };
    const pattern = bare().sent(said);
    assert.deepEqual(filled(pattern, new Bindings()), said);
    assert.ok(agree(pattern, said, new Bindings(), { isOrdered: true }));
    assert.ok(!agree(pattern, { ...said, text: 'other' }, new Bindings(), { isOrdered: true }));
  });

  it('binds a time where it comes first, and holds no later one against it', () => {
    const bindings = new Bindings();
    const pattern = { first: '${time:1}', second: '${time:1}' };
    assert.ok(agree(pattern, { first: time, second: '2026-11-22T22:13:46.000' }, bindings, { isOrdered: true }));
    assert.equal(filled('${time:1}', bindings), time);
    assert.ok(!agree('${time:1}', 'now', bindings, { isOrdered: true }));
  });
});
