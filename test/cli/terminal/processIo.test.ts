import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { ProcessIo } from '../../../src/cli/terminal/processIo.ts';

function fakeProcess() {
  return Object.assign(new EventEmitter(), { stdout: new EventEmitter(), stderr: new EventEmitter() });
}

describe('a terminal that is closed', () => {
  it('ends the command, whose clean-up may go on drawing', () => {
    const process = fakeProcess();
    const io = new ProcessIo(process as unknown as NodeJS.Process, { json: false, quiet: false });
    process.emit('SIGHUP', 'SIGHUP');
    assert.equal(io.signal.reason, 'SIGHUP');
    for (const stream of [process.stdout, process.stderr]) {
      assert.doesNotThrow(() => stream.emit('error', new Error('write EIO')));
    }
    process.emit('SIGHUP', 'SIGHUP');
    assert.equal(process.listenerCount('SIGHUP'), 1, 'shells tell it twice, which forces nothing');
  });
});
