import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { commands } from '../../faults/commands.ts';
import { faults } from '../../faults/faults.ts';
import { FaultStage } from '../../faults/matrix.ts';

/** The matrix has a command for each fault here, each command three times or more; `npm run faults` plays all of it. */
const sample = faults.flatMap((fault, index) => {
  const command = commands[(index * 3) % commands.length];
  return command === undefined ? [] : [{ fault, command }];
});

let stage: FaultStage;
before(async () => {
  stage = await FaultStage.open();
});
after(() => stage[Symbol.asyncDispose]());

describe('a network that fails', { concurrency: 4 }, () => {
  for (const { fault, command } of sample)
    it(`by '${fault.name}' ends ${command.name} with the right code and words, and leaves nothing behind`, async () => {
      const { wrong, said } = await stage.play(command, fault);
      assert.deepEqual(wrong, [], said);
    });
});
