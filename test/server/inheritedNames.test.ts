import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { actionNames, schemaOf, type JsonSchema } from '../../src/protocol/schema.ts';
import { ask, restWorld } from './http.ts';
import { world, type Frame } from './inMemory.ts';

/** Names that every object inherits. */
const inherited = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'];

/** Returns valid requests of an action, each with another of its texts replaced by this name. */
function requestsWith(name: string, schema: JsonSchema): Frame[] {
  const [example = {}] = (schema.examples ?? []) as Frame[];
  return Object.keys(schema.properties ?? {}).map((field) => ({ ...example, [field]: name }));
}

describe('a name that every object inherits', () => {
  it('is as good as any other in each field of each action', () => {
    const { admin, log } = world();
    for (const action of actionNames())
      for (const name of inherited)
        for (const request of requestsWith(name, schemaOf(action))) admin.ask(action, request);
    assert.deepEqual(
      log.filter(({ level }) => level === 'error'),
      [],
    );
  });

  it('is neither an action nor a field', () => {
    const { admin, log } = world();
    for (const name of inherited) {
      assert.equal(admin.outcome(name), `400 Illegal argument: ${name}`);
      assert.match(admin.say(`{"action":"device/list","${name}":{"take":1}}`)[0] ?? '', /"status":"success"/);
    }
    assert.deepEqual(log, []);
  });

  it('is neither a resource nor a parameter over REST', async () => {
    await using server = await restWorld();
    for (const name of inherited) {
      assert.equal((await ask(server, 'GET', `/${name}`, server)).status, 404, name);
      assert.equal((await ask(server, 'GET', `/device/${name}`, server)).status, 404, name);
      assert.equal((await ask(server, 'GET', `/device?${name}=1`, server)).status, 200, name);
      const { status } = await ask(server, 'GET', `/device/d1/command?sortField=${name}&sortOrder=${name}`, server);
      assert.equal(status, 200, name);
    }
    assert.deepEqual(
      server.log.filter(({ level }) => level === 'error'),
      [],
    );
  });
});
