import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { again } from '../../../../../src/cli/commands/simulate/run/again.ts';

describe('the command line that runs a simulation again', () => {
  const whole = { index: 0, count: 1 };
  const run = ['simulate', 'run', 'my plan.yaml'];

  it('has the seed that was in force, and no token', () => {
    assert.equal(
      again([...run, '--token', 'secret', '--for', '5s', '--token=secret'], 7, whole),
      "devicehive simulate run 'my plan.yaml' --for 5s --seed 7",
    );
    assert.equal(again([...run, '--seed=3'], 3, whole), "devicehive simulate run 'my plan.yaml' --seed=3");
  });

  it('says which shard it was where the environment said so', () => {
    const third = { index: 2, count: 3 };
    assert.match(again([...run, '--shards', '3', '--for', '5s'], 7, third), / --shard 2\/3 --for 5s --seed 7$/);
    assert.match(again([...run, '--shards=3'], 7, third), / --shard 2\/3 --seed 7$/);
    assert.match(again([...run, '--shard', '2/3', '--shards', '3'], 7, third), /yaml' --shard 2\/3 --seed 7$/);
  });
});
