import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ScenarioStep } from '../../../../../src/cli/commands/server/verify/scenario.ts';
import { scenarios } from '../../../../../src/cli/commands/server/verify/scenarios.ts';
import { isFrame, type Frame } from '../../../../../src/protocol/frames.ts';
import { actionNames, documentSchema } from '../../../../../src/protocol/schema.ts';
import { documentProblems } from '../../../../../src/protocol/validation.ts';

const steps = scenarios.flatMap((scenario) => scenario.steps.map((step) => ({ scenario, step })));
const sent = steps.flatMap(({ scenario, step }) =>
  step.send === undefined ? [] : [{ scenario, step, send: step.send }],
);

function succeeds({ expect }: ScenarioStep): boolean {
  return isFrame(expect) && expect['status'] === 'success';
}

/** Returns every value of this name, at any depth. */
function valuesOf(name: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => [
    ...(key === name ? [child] : []),
    ...valuesOf(name, child),
  ]);
}

/** Returns the texts that name something created by the scenario. */
function namesGiven({ action, ...fields }: Frame): unknown[] {
  if (action === 'configuration/put') return [fields['name']];
  if (action === 'device/save') return [fields['deviceId'], ...valuesOf('name', fields['device'])];
  return /^(network|devicetype|user)\/(insert|update)$/.test(String(action))
    ? [...valuesOf('name', fields), ...valuesOf('login', fields)]
    : [];
}

describe('the scenarios of server verify', () => {
  it('have a step for each action of the protocol', () => {
    const covered = new Set(sent.map(({ send }) => send['action']));
    assert.deepEqual(
      actionNames().filter((action) => !covered.has(action)),
      [],
    );
  });

  it('see each action succeed where they may write', () => {
    const covered = new Set(sent.filter(({ step }) => succeeds(step)).map(({ send }) => send['action']));
    assert.deepEqual(
      actionNames().filter((action) => !covered.has(action)),
      [],
    );
  });

  it('change nothing where they only read', () => {
    const changing = sent
      .filter(({ scenario, step }) => scenario.profile === 'read-only' && succeeds(step))
      .map(({ send }) => String(send['action']))
      .filter((action) => !/(^authenticate$|\/(info|cacheInfo|list|count|get\w*|subscribe|unsubscribe)$)/.test(action));
    assert.deepEqual(changing, []);
  });

  it('name everything they make so that it is found and removed', () => {
    const names = sent.flatMap(({ send }) => namesGiven(send)).filter((name) => name !== undefined && name !== '');
    assert.ok(names.length > 50, `${names.length} names`);
    assert.deepEqual(
      names.filter((name) => typeof name !== 'string' || !name.startsWith('${unique:1}')),
      [],
    );
  });

  it('try wrong passwords only on their own users, so that nobody is locked out', () => {
    const logins = sent.filter(({ send }) => send['action'] === 'token').map(({ send }) => send['login'] ?? '');
    assert.deepEqual(
      logins.filter((login) => login !== '' && (typeof login !== 'string' || !login.startsWith('${unique:1}'))),
      [],
    );
  });

  it('give no user a password that anybody can guess', () => {
    const passwords = sent
      .filter(({ send, step }) => /^user\//.test(String(send['action'])) && succeeds(step))
      .flatMap(({ send }) => valuesOf('password', send));
    assert.ok(passwords.length >= 3);
    for (const password of passwords) assert.match(String(password), /^\$\{secret:\d\}$/);
  });

  it('change and delete no user but those they made', () => {
    for (const { send, step, scenario } of sent) {
      if (!/^user\/(update|delete|assign|unassign|allow|disallow)/.test(String(send['action'])) || !succeeds(step))
        continue;
      if (send['action'] === 'user/updateCurrent') assert.equal(step.connection, 'user', scenario.scenario);
      else assert.equal(send['userId'], '${id:3}', scenario.scenario);
    }
  });

  it('are gentle: no large frames, and command/get of a command only while nothing else goes on', () => {
    for (const { send, scenario, step } of sent) {
      assert.ok(JSON.stringify(send).length < 2000, scenario.scenario);
      if (send['action'] === 'command/get' && succeeds(step)) assert.equal(scenario.alone, true, scenario.scenario);
    }
  });

  it('subscribe to nothing that others may send', () => {
    const wide = sent.filter(({ send, step }) => String(send['action']).endsWith('/subscribe') && succeeds(step));
    for (const { send, scenario } of wide) {
      assert.match(
        JSON.stringify([send['deviceId'], send['networkIds'], send['deviceTypeIds'], send['names']]),
        /\$\{/,
        scenario.scenario,
      );
    }
  });

  it('are told of in a report whose schema has an example', () => {
    const { examples = [] } = documentSchema('verification');
    assert.equal(examples.length, 1);
    for (const example of examples) assert.deepEqual(documentProblems('verification', example), []);
  });

  it('have distinct names', () => {
    const names = scenarios.map(({ scenario }) => scenario);
    assert.equal(new Set(names).size, names.length);
  });
});
