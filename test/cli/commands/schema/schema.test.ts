import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { connect, type Connection } from '../../../../src/client/index.ts';
import { actionSchema, fileSchema, type PublicSchema } from '../../../../src/cli/commands/schema/publicSchema.ts';
import type { Frame } from '../../../../src/protocol/frames.ts';
import {
  actionNames,
  documentNames,
  documentSchema,
  schemaOf,
  type ActionName,
} from '../../../../src/protocol/schema.ts';
import type { RunningServer } from '../../../../src/server/index.ts';
import { embeddedServer } from '../../../helpers/embeddedServer.ts';
import { errorOf, Home } from '../../../helpers/cli.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** Returns a validator as anybody would make it: strict, and without our own keywords. */
function validatorOf(schema: PublicSchema | undefined): (value: unknown) => void {
  assert.ok(schema !== undefined);
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
  return (value) => {
    validate(value);
    assert.deepEqual(validate.errors, null);
  };
}

function examplesOf(action: ActionName): readonly Frame[] {
  return (schemaOf(action).examples ?? []) as readonly Frame[];
}

/** Creates the entities that the examples presuppose. */
async function prepared(connection: Connection): Promise<void> {
  const user = { login: 'guest', password: 's3cret!', role: 1, allDeviceTypesAvailable: false };
  const { reply } = await connection.request('user/insert', { user });
  assert.equal((reply['user'] as Frame)['id'], 2);
  await connection.request('user/assignNetwork', { userId: 2, networkId: 1 });
  await connection.request('user/assignDeviceType', { userId: 2, deviceTypeId: 1 });
  await connection.request('configuration/put', { name: 'sim.interval', value: '1' });
  for (let id = 2; id <= 7; id++) {
    const { reply } = await connection.request('network/insert', { network: { name: `hall ${id}` } });
    assert.equal(reply.network.id, id);
  }
}

/** Returns an example with the values that only the server knows. */
async function filled(action: ActionName, payload: Frame, server: RunningServer, by: Connection): Promise<Frame> {
  if (action === 'authenticate') return { ...payload, token: server.accessToken };
  if (action === 'token/refresh') return { ...payload, refreshToken: server.refreshToken };
  if (action === 'notification/get') {
    const { reply } = await by.request('notification/insert', {
      deviceId: 'd1',
      notification: { notification: 'temperature' },
    });
    return { ...payload, notificationId: reply.notification.id };
  }
  if (payload['subscriptionId'] !== undefined) {
    const { reply } = await by.request(action.replace('/un', '/'), { deviceId: 'd1' });
    return { ...payload, subscriptionId: reply['subscriptionId'] };
  }
  return payload;
}

for (const action of actionNames()) {
  describe(`the published schema of ${action}`, () => {
    it('takes its examples', () => {
      const check = validatorOf(actionSchema(action, 'request'));
      for (const example of examplesOf(action)) check(example);
    });

    it('describes what the server replies to them', async () => {
      const check = validatorOf(actionSchema(action, 'reply'));
      for (const example of examplesOf(action)) {
        await using server = await embeddedServer();
        await using connection = await connect({ url: server.url, credentials: { accessToken: server.accessToken } });
        await prepared(connection);
        const payload = await filled(action, example, server, connection);
        const { reply } = await connection.request(action as string, payload);
        assert.equal(reply.status, 'success');
        check(reply);
      }
    });

    it('shows the permission and hides no secret', () => {
      const { 'x-permission': permission } = schemaOf(action);
      const text = JSON.stringify(actionSchema(action, 'request'));
      assert.equal(text.includes(`Needs the permission ${permission ?? ''}.`), permission !== undefined);
      assert.doesNotMatch(text, /"x-|"\$ref"/);
      assert.equal(text.includes('"writeOnly":true'), JSON.stringify(schemaOf(action)).includes('"x-secret":true'));
    });
  });
}

describe('the published schemas of pushes', () => {
  it('describe what the server pushes', async () => {
    await using server = await embeddedServer();
    await using connection = await connect({ url: server.url, credentials: { accessToken: server.accessToken } });
    const subscription = await connection.subscribe('command/subscribe', { deviceId: 'd1' });
    await connection.request('command/insert', { deviceId: 'd1', command: { command: 'reboot' } });
    for await (const push of subscription) {
      validatorOf(actionSchema('command/insert', 'event'))(push);
      break;
    }
  });

  it('are three', () => {
    assert.deepEqual(
      actionNames().filter((action) => actionSchema(action, 'event') !== undefined),
      ['command/insert', 'command/update', 'notification/insert'],
    );
  });
});

describe('the published schemas of files', () => {
  for (const name of documentNames())
    it(`take their examples: ${name}`, () => {
      const check = validatorOf(fileSchema(name));
      for (const example of documentSchema(name).examples ?? []) check(example);
    });
});

describe('devicehive schema', () => {
  it('lists all schemas with title and permission', async () => {
    const { code, stdout } = await home.run(['schema', 'list']);
    assert.equal(code, 0);
    const rows = JSON.parse(stdout) as Frame[];
    assert.deepEqual(
      rows.map(({ name }) => name),
      [...actionNames(), ...documentNames()],
    );
    assert.deepEqual(
      rows.find(({ name }) => name === 'command/update'),
      {
        name: 'command/update',
        kind: 'action',
        title: 'Update a command on behalf of its device',
        permission: 'UpdateDeviceCommand',
        command: 'devicehive command update',
        event: true,
      },
    );
  });

  it('lists them a line each as text', async () => {
    const { stdout } = await home.run(['schema', 'list', '-o', 'text']);
    assert.match(stdout, /^command\/update +Update a command on behalf of its device +UpdateDeviceCommand$/m);
    assert.match(stdout, /^plan +A plan of simulated devices$/m);
  });

  it('shows a schema on one line in a pipe, indented as text, and in parts', async () => {
    const whole = await home.run(['schema', 'show', 'command/update']);
    assert.deepEqual(JSON.parse(whole.stdout), actionSchema('command/update', 'request'));
    assert.equal(whole.stdout.trimEnd().split('\n').length, 1);
    const text = await home.run(['schema', 'show', 'command/update', '-o', 'text', '--reply']);
    assert.equal(text.stdout, `${JSON.stringify(actionSchema('command/update', 'reply'), null, 2)}\n`);
    const part = await home.run(['schema', 'show', 'command/update', '--event', '--query', 'properties.action.const']);
    assert.equal(part.stdout, 'command/update\n');
  });

  it('prints examples that batch accepts as they are', async () => {
    const lines = await home.run(['schema', 'example', 'command/update', '--all']);
    assert.equal(lines.stdout.trimEnd().split('\n').length, examplesOf('command/update').length);
    const one = await home.run(['schema', 'example', 'command/update', '-o', 'text']);
    assert.ok(lines.stdout.startsWith(one.stdout));
    const batch = await home.run(['batch', '-', '--embedded', '--quiet'], { stdin: lines.stdout });
    assert.equal(batch.code, 0, batch.stdout);
  });

  it('prints an example of a file', async () => {
    const { stdout } = await home.run(['schema', 'example', 'plan']);
    assert.deepEqual(JSON.parse(stdout), documentSchema('plan').examples?.[0]);
  });

  const mistakes: readonly (readonly [args: string, message: RegExp, hint: RegExp])[] = [
    ['show comand/update', /no schema 'comand\/update'/, /Did you mean command\/update\?/],
    ['example user/get-current', /no schema 'user\/get-current'/, /Did you mean user\/getCurrent\?/],
    ['show zzz', /no schema 'zzz'/, /schema list/],
    ['show command/get --event', /nothing is pushed under the name command\/get/, /command\/insert, command\/update/],
    ['show plan --reply', /'plan' is a kind of file/, /--reply/],
    ['show device/get --reply --event', /--reply and --event/, /one/],
    ['example commands', /no example of 'commands'/, /schema show commands/],
  ];
  for (const [args, message, hint] of mistakes)
    it(`says what is wrong: schema ${args}`, async () => {
      const run = await home.run(['schema', ...args.split(' '), '--json']);
      assert.equal(run.code, 2);
      assert.equal(run.stdout, '');
      const error = errorOf(run);
      assert.match(String(error['message']), message);
      assert.match(String(error['hint']), hint);
    });
});
