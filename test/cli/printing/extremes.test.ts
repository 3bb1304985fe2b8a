import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jmespathOf } from '../../../src/cli/printing/jmespath.ts';

const users = [
  { id: 3, login: 'bob', tags: ['x'] },
  { id: 9, login: 'zoe', tags: [] },
  { id: 1, login: 'amy', tags: ['y'] },
  { id: 9, login: 'zoe', tags: ['last'] },
];

const search = async (expression: string, value: unknown): Promise<unknown> =>
  (await jmespathOf(expression, '--query', ''))(value);

/** An expression, and what it finds in `users`. */
const found: readonly (readonly [expression: string, result: unknown])[] = [
  ['max_by(@, &login)', users[1]],
  ['min_by(@, &login)', users[2]],
  ['max_by(@, &id)', users[1]],
  ['min_by(@, &id).login', 'amy'],
  ['max_by(@, &login).tags', []],
  ['max_by([?id < `9`], &login).login', 'bob'],
  ['[max_by(@, &login).id, min_by(@, &login).id]', [9, 1]],
  ['{newest: max_by(@, &login).login, oldest: min_by(@, &id).login}', { newest: 'zoe', oldest: 'amy' }],
  ['max_by([].{id: id, name: login}, &name).id', 9],
  ['min_by([max_by(@, &login), [0]], &login).login', 'bob'],
  ["max_by(@, &join(',', [login, 'a'])).id", 9],
  ['max_by(@, & login) . id', 9],
  ['max_by(@, &login) | login', 'zoe'],
  ["'max_by(@, &login)'", 'max_by(@, &login)'],
  ['max_by(`[]`, &login)', null],
  ['[max([].id), min([].id), max([].login), min([].login)]', [9, 1, 'zoe', 'amy']],
  ['max(`[]`)', null],
  ['sort(`[10, 9, 100]`)[0]', 9],
  ['sort([].login) | join(`,`, @)', 'amy,bob,zoe,zoe'],
  ['min([max([].id), `20`])', 9],
  ['[].max_by(`[{"n":"b"},{"n":"a"}]`, &n).n', ['b', 'b', 'b', 'b']],
];

describe('max_by, min_by, max, min and sort', () => {
  for (const [expression, result] of found)
    it(`find by numbers and texts: ${expression}`, async () =>
      assert.deepEqual(await search(expression, users), result));

  it('refuse what cannot be compared', async () => {
    await assert.rejects(search('max_by(@, &tags)', users), /TypeError/);
    await assert.rejects(search('min_by(@, &login)', null), /array/);
    await assert.rejects(jmespathOf('max_by(@)', '--query', ''), /max_by\(\) takes 2 arguments/);
  });
});
