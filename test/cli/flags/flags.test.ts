import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commonFlagNames, commonOptions } from '../../../src/cli/flags/commonFlags.ts';
import { flagAt, flagsOf, toPayload, toWords, type Flag } from '../../../src/cli/flags/flags.ts';
import { commandFlags, isListAction, requestCommand } from '../../../src/cli/request/requestCommand.ts';
import { readValues } from '../../../src/cli/flags/values.ts';
import type { Frame } from '../../../src/protocol/frames.ts';
import { redactFrame } from '../../../src/protocol/redaction.ts';
import { actionNames, schemaOf, type ActionName, type JsonSchema } from '../../../src/protocol/schema.ts';
import { FakeIo } from '../fakeIo.ts';

/** Returns all long flags of this action's command, besides the common ones. */
function namesOf(action: ActionName): string[] {
  const derived = commandFlags(action).flatMap(({ name, secret, kind }) => [
    name,
    ...(secret ? [`${name}-file`] : []),
    ...(kind === 'boolean' ? [`no-${name}`] : []),
  ]);
  return isListAction(schemaOf(action)) ? [...derived, 'all'] : derived;
}

/** Returns what the command of this action would send for these words, with secrets masked. */
async function sent(action: ActionName, words: readonly string[]): Promise<Frame> {
  const io = new FakeIo();
  const command = requestCommand(action, 'leaf', io).exitOverride();
  for (const option of commonOptions(['target', 'request', 'output', 'general'])) command.addOption(option);
  await command.parseAsync([...words, '--dry-run', '--json'], { from: 'user' });
  return JSON.parse(io.stdout) as Frame;
}

/** Converts a payload to words and back with the same flags, without a command in between. */
async function roundTrip(action: ActionName, payload: Frame): Promise<Frame> {
  const schema = schemaOf(action);
  const flags = flagsOf(schema);
  const read = await readValues(flags, rawOf(flags, toWords(flags, payload)), new FakeIo());
  assert.deepEqual(read.problems, []);
  return toPayload(schema, flags, read.values);
}

/** Returns the words' values as commander would pass them on. */
function rawOf(flags: readonly Flag[], words: readonly string[]): Map<string, unknown> {
  const raw = new Map<string, unknown>();
  for (let index = 0; index < words.length; index++) {
    const name = (words[index] ?? '').slice(2);
    const flag = flags.find((candidate) => candidate.name === name || `no-${candidate.name}` === name);
    assert.ok(flag, `${words[index] ?? ''} is a flag`);
    if (flag.kind === 'boolean') raw.set(flag.name, name === flag.name);
    else if (flag.repeatable) raw.set(name, [...((raw.get(name) as string[] | undefined) ?? []), words[++index]]);
    else raw.set(name, words[++index]);
  }
  return raw;
}

describe('flags of every action', () => {
  for (const action of actionNames()) {
    it(`${action}: no two are called the same`, () => {
      const names = namesOf(action);
      assert.deepEqual(
        names.filter((name, index) => names.indexOf(name) !== index),
        [],
      );
    });

    it(`${action}: none is called like a common flag`, () => {
      const taken = new Set([...commonFlagNames(), 'help', 'version']);
      assert.deepEqual(
        namesOf(action).filter((name) => taken.has(name.replace(/^no-/, ''))),
        [],
      );
    });

    it(`${action}: are kebab-case and singular where they are repeatable`, () => {
      for (const { name, repeatable } of commandFlags(action)) {
        assert.match(name, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
        if (repeatable) assert.doesNotMatch(name, /[^s]s$/);
      }
    });

    it(`${action}: every example survives payload → words → payload`, async () => {
      const examples = schemaOf(action).examples as readonly Frame[];
      assert.ok(examples.length > 0);
      for (const example of examples) assert.deepEqual(await roundTrip(action, example), example);
    });

    if (action === 'authenticate') continue; // its token is the common --token
    it(`${action}: every example comes through its command`, async () => {
      for (const example of schemaOf(action).examples as readonly Frame[]) {
        const words = toWords(commandFlags(action), example);
        assert.deepEqual(await sent(action, words), redactFrame({ action, requestId: 1, ...example }));
      }
    });
  }

  it('are but for authenticate, whose token is the common one, all in its command', () => {
    const left = actionNames().filter((action) => commandFlags(action).length !== flagsOf(schemaOf(action)).length);
    assert.deepEqual(left, ['authenticate']);
  });
});

describe('names of flags', () => {
  const names: readonly (readonly [ActionName, string, string])[] = [
    ['command/update', 'deviceId', 'device'],
    ['command/update', 'commandId', 'id'],
    ['command/update', 'command.status', 'status'],
    ['command/update', 'command.result', 'result'],
    ['command/insert', 'command.command', 'command'],
    ['command/get', 'commandId', 'id'],
    ['command/subscribe', 'networkIds', 'network'],
    ['command/subscribe', 'deviceTypeIds', 'device-type'],
    ['command/subscribe', 'returnUpdatedCommands', 'updates'],
    ['command/unsubscribe', 'subscriptionId', 'subscription'],
    ['device/get', 'deviceId', 'device'],
    ['device/save', 'device.isBlocked', 'is-blocked'],
    ['device/save', 'device.networkId', 'network'],
    ['device/save', 'device.deviceTypeId', 'device-type'],
    ['device/list', 'namePattern', 'name-pattern'],
    ['network/get', 'networkId', 'id'],
    ['devicetype/get', 'deviceTypeId', 'id'],
    ['notification/get', 'notificationId', 'id'],
    ['user/get', 'userId', 'id'],
    ['user/assignNetwork', 'networkId', 'network'],
    ['token/create', 'payload.actions', 'action'],
    ['token/create', 'payload.networkIds', 'network'],
    ['token/create', 'payload.userId', 'user'],
  ];

  for (const [action, path, name] of names) {
    it(`${action} ${path} is --${name}`, () => {
      const flag = flagsOf(schemaOf(action)).find((candidate) => candidate.path.join('.') === path);
      assert.equal(flag?.name, name);
    });
  }

  it('follow from any schema in the same way', () => {
    const schema: JsonSchema = {
      properties: {
        deviceId: { type: 'string' },
        networkIds: { type: 'array', items: { type: 'integer' } },
        showAllThings: { type: 'boolean' },
        names: { type: 'array', items: { type: 'string' } },
        nested: { type: 'object', properties: { deeper: { type: 'object' }, other: { type: 'number' } } },
        odd: { type: 'string', 'x-flag': 'even' },
      },
    };
    assert.deepEqual(
      flagsOf(schema).map(({ name, kind, repeatable }) => [name, kind, repeatable]),
      [
        ['device', 'text', false],
        ['network', 'integer', true],
        ['show-all-things', 'boolean', false],
        ['name', 'text', true],
        ['deeper', 'json', false],
        ['other', 'number', false],
        ['even', 'text', false],
      ],
    );
  });

  it('need a value only where all objects around it are needed', () => {
    const inner: JsonSchema = { type: 'object', required: ['x'], properties: { x: { type: 'string' } } };
    assert.equal(flagsOf({ properties: { inner } })[0]?.required, false);
    assert.equal(flagsOf({ required: ['inner'], properties: { inner } })[0]?.required, true);
  });
});

describe('boolean flags', () => {
  const save = ['--device', 'd1', '--name', 'Lamp'];
  const cases: readonly (readonly [readonly string[], boolean | undefined])[] = [
    [['--is-blocked'], true],
    [['--is-blocked', 'true'], true],
    [['--is-blocked=true'], true],
    [['--no-is-blocked'], false],
    [['--is-blocked', 'false'], false],
    [['--is-blocked=false'], false],
    [[], undefined],
  ];

  for (const [words, value] of cases) {
    it(`${words.join(' ') || 'nothing'} is ${String(value)}`, async () => {
      const { device } = await sent('device/save', [...save, ...words]);
      assert.equal((device as { isBlocked?: boolean }).isBlocked, value);
    });
  }

  it('refuse anything else', async () => {
    await assert.rejects(sent('device/save', [...save, '--is-blocked', 'maybe']), {
      kind: 'invalid',
      message: /--is-blocked must be true or false, not 'maybe'/,
    });
  });
});

describe('repeatable flags', () => {
  it('make one list, in the order given', async () => {
    const frame = await sent('command/subscribe', '--network 3 --network 1 --network 2'.split(' '));
    assert.deepEqual(frame['networkIds'], [3, 1, 2]);
  });
});

describe('values that begin with a dash', () => {
  it('belong to their flag', async () => {
    const frame = await sent('command/insert', ['--device', '-d', '--command', '--help', '--lifetime', '-5']);
    assert.deepEqual(frame, {
      action: 'command/insert',
      requestId: 1,
      deviceId: '-d',
      command: { command: '--help', lifetime: -5 },
    });
  });
});

describe('the flag at fault', () => {
  const flags = flagsOf(schemaOf('command/update'));

  it('is found by the path of the field', () => {
    assert.equal(flagAt(flags, ['command', 'status'])?.name, 'status');
    assert.equal(flagAt(flags, ['commandId'])?.name, 'id');
  });

  it('is that of the free-form object around it', () => {
    assert.equal(flagAt(flags, ['command', 'result', 'deep', '0'])?.name, 'result');
  });

  it('does not exist for a field without flag', () => {
    assert.equal(flagAt(flags, ['other']), undefined);
  });
});

describe('payloads', () => {
  it('hold a required object even when nothing is in it', () => {
    const schema = schemaOf('command/update');
    assert.deepEqual(toPayload(schema, flagsOf(schema), new Map()), { command: {} });
  });

  it('leave out an optional object with nothing in it', () => {
    const inner: JsonSchema = { type: 'object', properties: { x: { type: 'string' } } };
    const schema: JsonSchema = { properties: { inner } };
    assert.deepEqual(toPayload(schema, flagsOf(schema), new Map()), {});
  });
});
