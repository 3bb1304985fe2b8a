import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isActionSchema, isDocumentSchema, loadSchemas, vocabulary, type SchemaFile } from '../src/build/schemas.ts';
import { lookedUpList } from '../src/protocol/reach.ts';
import { actionNames, isAction, schemaOf, type JsonSchema } from '../src/protocol/schema.ts';
import { problemsOf, unknownFields } from '../src/protocol/validation.ts';

/** What PROTOCOL.md 4.0 says about an action of the real server. */
interface Row {
  readonly permission: string | undefined;
  readonly target: string | undefined;
  readonly mode: unknown;
  readonly payload: readonly string[];
}

const wire = readFileSync(new URL('../src/protocol/PROTOCOL.md', import.meta.url), 'utf8');
const modes: Readonly<Record<string, unknown>> = { async: true, 'sync / async': 'sometimes' };

/** Returns the words of a cell that are code, one list for each part between ` / `. */
function quoted(cell: string): string[][] {
  return cell.split(' / ').map((part) => [...part.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word));
}

/** Returns the actions that a cell names: `configuration/get`, `/put` are two. */
function namesIn(cell: string): string[][] {
  return quoted(cell).map((part) => part.map((name) => name.replace(/^\//, `${part[0]?.split('/')[0] ?? ''}/`)));
}

function rowsOf(line: string): [string, Row][] {
  const [actions = '', permissions = '', target = '', mode = '', payload = ''] = line.split('|').slice(1);
  const needed = [...permissions.matchAll(/([A-Z][A-Za-z]+) \(\d+\)/g)].map(([, name = '']) => name);
  const payloads = quoted(payload);
  return namesIn(actions).flatMap((names, index) =>
    names.map((name): [string, Row] => [
      name,
      {
        permission: needed.length === 0 ? undefined : needed.join(' or '),
        target: /([a-zA-Z]+)Id\b/.exec(target)?.[1],
        mode: modes[mode.trim()],
        payload: payloads[payloads.length === 1 ? 0 : index] ?? [],
      },
    ]),
  );
}

/** The actions of the real server, by their names. */
const rows: ReadonlyMap<string, Row> = new Map(
  (wire.split(/^### 4\.\d+ /m)[1] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap(rowsOf),
);

/** The actions whose names pushes have too (PROTOCOL.md 2.4), and the resource in each. */
const pushed: ReadonlyMap<string, string> = new Map([
  ['command/insert', 'command'],
  ['command/update', 'command'],
  ['notification/insert', 'notification'],
]);

const files = loadSchemas(fileURLToPath(new URL('../schemas', import.meta.url)));

interface Part {
  readonly at: string;
  readonly schema: JsonSchema;
}

/** Returns every schema in this one, itself included, with its place. */
function partsOf(schema: JsonSchema, at: string): Part[] {
  const properties = Object.entries(schema.properties ?? {}).map(([name, child]) => ({ child, at: `${at}.${name}` }));
  const items = schema.items === undefined ? [] : [{ child: schema.items, at: `${at}[]` }];
  return [{ at, schema }, ...[...properties, ...items].flatMap(({ child, at }) => partsOf(child, at))];
}

/** The part of an action's `$defs`, or undefined. */
function definition(action: string, name: 'reply' | 'event'): JsonSchema | undefined {
  const definitions = files.get(action)?.['$defs'] as Readonly<Record<string, JsonSchema>> | undefined;
  return definitions?.[name];
}

function isSentence(text: string | undefined): boolean {
  return text !== undefined && /^[A-Z0-9$].*\.$/.test(text);
}

/** Returns the keys in a schema file that begin with `x-`. */
function ownWords(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(ownWords);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => [...(key.startsWith('x-') ? [key] : []), ...ownWords(value)]);
}

describe('the schemas', () => {
  it('describe all actions of the protocol', () => {
    assert.ok(rows.size > 0);
    assert.deepEqual(
      [...rows.keys()].filter((name) => !isAction(name)),
      [],
    );
    const described = [...files].filter(([, schema]) => isActionSchema(schema)).map(([name]) => name);
    assert.deepEqual(described.sort(), actionNames().sort(), 'the generated code is older than schemas/');
  });

  it('use no words of their own that the generator does not know', () => {
    for (const [name, schema] of files) {
      for (const word of ownWords(schema)) assert.ok(vocabulary.includes(word), `${name} uses ${word}`);
    }
  });

  it('describe every property of a file with a sentence', () => {
    for (const [name, schema] of files) {
      if (!isDocumentSchema(schema)) continue;
      assert.ok(isSentence(schema['description'] as string), name);
      const parts = partsOf(schema as JsonSchema, name).filter(({ at }) => at !== name && !at.endsWith('[]'));
      for (const { at, schema } of parts) assert.ok(isSentence(schema.description), `${at} has no description`);
    }
  });

  it('refer to no document outside of the project', () => {
    for (const [name, schema] of files) assert.doesNotMatch(JSON.stringify(schema), /[\w-]+\.md\b/, name);
  });

  it('have distinct titles', () => {
    const titles = [...files.values()].map((schema) => schema['title']);
    assert.deepEqual(
      titles.filter((title, index) => titles.indexOf(title) !== index),
      [],
    );
  });

  it('name the common JSON Schema dialect', () => {
    const dialects = new Set([...files.values()].map((schema) => schema['$schema']));
    assert.deepEqual([...dialects], ['https://json-schema.org/draft/2020-12/schema']);
  });
});

for (const action of actionNames()) {
  const schema = schemaOf(action);
  const examples = (schema.examples ?? []) as readonly Readonly<Record<string, unknown>>[];

  describe(`the schema of ${action}`, () => {
    it('has a title, a description and examples', () => {
      assert.match(schema.title ?? '', /^[A-Z][^.]*[^.]$/);
      assert.ok(isSentence(schema.description), 'the description is made of sentences');
      assert.ok(examples.length >= 1 && examples.length <= 3, 'there are one to three examples');
    });

    it('agrees with the protocol about permission, target, mode and section', () => {
      const {
        'x-permission': permission,
        'x-target': target,
        'x-async': mode,
        'x-section': section,
      } = files.get(action) ?? {};
      const { payload: _payload, ...row } = rows.get(action) ?? { permission, target, mode };
      assert.deepEqual({ permission, target, mode }, row);
      if (typeof section === 'string')
        assert.match(wire, new RegExp(`^### ${section} .*\\b${action.split('/')[0] ?? ''}\\b`, 'm'));
    });

    it('describes every property with a sentence', () => {
      const properties = partsOf(schema, action).filter(({ at }) => at !== action && !at.endsWith('[]'));
      for (const { at, schema } of properties) assert.ok(isSentence(schema.description), `${at} has no description`);
    });

    it('describes everything in replies and pushes', () => {
      for (const name of ['reply', 'event'] as const) {
        const parts = partsOf(definition(action, name) ?? {}, `${action} ${name}`).slice(1);
        for (const { at, schema } of parts.filter(({ at }) => !at.endsWith('[]')))
          assert.ok(isSentence(schema.description) || schema.const !== undefined, `${at} has no description`);
      }
    });

    it('is an object that requires only properties that it has', () => {
      assert.equal(schema.type, 'object');
      for (const { at, schema: part } of partsOf(schema, action)) {
        const names = [...(part.required ?? []), ...(part.anyOf ?? []).flatMap((branch) => branch.required ?? [])];
        for (const name of names) assert.ok(part.properties?.[name] !== undefined, `${at} has no ${name}`);
      }
    });

    it('hides passwords and tokens', () => {
      const hidden = partsOf(schema, action).filter(({ at }) => /\.(password|token|refreshToken)$/.test(at));
      for (const { at, schema } of hidden) assert.equal(schema['x-secret'], true, `${at} would be shown`);
    });

    it('accepts its own examples, which have no unknown fields', () => {
      for (const example of examples) {
        assert.deepEqual(problemsOf(action, example), []);
        assert.deepEqual(unknownFields(action, example), []);
        assert.ok(!('action' in example) && !('requestId' in example), 'an example is the payload only');
      }
    });

    it('has no example that may freeze a real server', () => {
      const subscribes = examples.filter(() => action.endsWith('/subscribe'));
      for (const example of subscribes) assert.equal(lookedUpList(example, undefined), undefined);
    });

    it('has exactly the reply keys of the protocol', () => {
      const reply = definition(action, 'reply');
      assert.deepEqual(
        Object.keys(reply?.properties ?? {}),
        rows.get(action)?.payload ?? Object.keys(reply?.properties ?? {}),
      );
    });

    it('has the shape of the push where there is one', () => {
      const resource = pushed.get(action);
      const event = definition(action, 'event');
      assert.deepEqual(
        event && Object.keys(event.properties ?? {}),
        resource && ['action', resource, 'subscriptionId'],
      );
      assert.deepEqual(event?.properties?.['action'], resource && { type: 'string', const: action });
    });

    it('leaves nothing open in what the server says', () => {
      for (const name of ['reply', 'event'] as const) {
        for (const { at, schema: part } of partsOf(definition(action, name) ?? {}, `${action} ${name}`)) {
          if (part.properties === undefined) continue;
          assert.equal(part.additionalProperties, false, `${at} admits unknown keys`);
          assert.deepEqual(part.required ?? [], Object.keys(part.properties), `${at} does not require all keys`);
        }
      }
    });

    it('compiles in strict mode, reply and push too', () => {
      const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
      ajv.addVocabulary(vocabulary);
      const { $defs, ...request } = files.get(action) ?? {};
      for (const part of [request, ...Object.values(($defs ?? {}) as Record<string, SchemaFile>)]) ajv.compile(part);
    });
  });
}

/** Requests that a server answers with an error or silence, or that do harm, and the field at fault. */
const wrong: readonly (readonly [action: string, payload: Readonly<Record<string, unknown>>, at: string])[] = [
  ['authenticate', {}, 'token'],
  ['token', { login: 'dhadmin' }, 'password'],
  ['token/create', { payload: {} }, 'payload.userId'],
  ['token/create', { payload: { userId: 1, actions: ['GetDevices'] } }, 'payload.actions.0'],
  ['token/create', { payload: { userId: 1, actions: ['8'] } }, 'payload.actions.0'],
  ['token/create', { payload: { userId: 1, networkIds: ['lab'] } }, 'payload.networkIds.0'],
  ['configuration/put', { name: 'x'.repeat(33), value: '1' }, 'name'],
  ['command/insert', { deviceId: 'd1', command: {} }, 'command.command'],
  ['command/insert', { deviceId: 'd1', command: { command: 'set', parameters: [1] } }, 'command.parameters'],
  ['command/update', { deviceId: 'd1', commandId: 42, command: {} }, 'command'],
  ['command/list', { deviceId: 'd1', take: -1 }, 'take'],
  ['command/list', { deviceId: 'd1', start: '2026-11-22 22:13' }, 'start'],
  ['command/list', { deviceId: 'd1', sortField: 'lastUpdated' }, 'sortField'],
  ['command/subscribe', { limit: -1 }, 'limit'],
  ['command/subscribe', { networkIds: null }, 'networkIds'],
  ['notification/insert', { deviceId: 'd1', notification: { parameters: {} } }, 'notification.notification'],
  ['subscription/list', { type: 'commands' }, 'type'],
  ['device/list', { sortField: 'status' }, 'sortField'],
  ['device/list', { sortOrder: '' }, 'sortOrder'],
  ['device/save', { deviceId: 'd_1', device: { name: 'Lamp' } }, 'deviceId'],
  ['device/save', { deviceId: 'd1', device: {} }, 'device'],
  ['device/save', { deviceId: 'd1', device: { name: '' } }, 'device.name'],
  ['network/list', { sortField: 'ID' }, 'sortField'],
  ['network/insert', { network: {} }, 'network.name'],
  ['network/update', { networkId: 1, network: {} }, 'network'],
  ['network/delete', {}, 'networkId'],
  ['devicetype/update', { deviceTypeId: 1 }, 'deviceType'],
  ['user/insert', { user: { login: 'ops', password: 'strin', role: 1 } }, 'user.password'],
  ['user/insert', { user: { login: 'a', password: 's3cret!', role: 1 } }, 'user.login'],
  ['user/insert', { user: { login: 'ops', password: 's3cret!', role: 1, status: 3 } }, 'user.status'],
  ['user/update', { userId: 2, user: {} }, 'user'],
  ['user/assignNetwork', { userId: 2 }, 'networkId'],
];

describe('the schemas refuse', () => {
  for (const [action, payload, at] of wrong) {
    it(`${action} with ${JSON.stringify(payload)}`, () => {
      assert.ok(isAction(action));
      assert.deepEqual(
        problemsOf(action, payload).map((problem) => problem.at),
        [at],
      );
    });
  }
});

/** Requests that look odd, but that the server accepts. */
const odd: readonly (readonly [action: string, payload: Readonly<Record<string, unknown>>])[] = [
  ['command/list', { deviceId: 'd1', start: -1, end: '1767225600000', take: 0 }],
  ['command/list', { deviceId: 'd1', start: '2026-11-22', end: '2026-11-22T22:13+01:00' }],
  ['command/insert', { deviceId: 'any device', command: { command: 'set', lifetime: -1, parameters: {} } }],
  ['token/create', { payload: { userId: 1, actions: [0, 'GetDevice', 18], networkIds: ['7', 8], deviceTypeIds: [] } }],
  ['command/unsubscribe', { subscriptionId: 1709633761123000 }],
  ['network/insert', { network: { name: 'x'.repeat(128), description: '' } }],
];

describe('the schemas accept', () => {
  for (const [action, payload] of odd) {
    it(`${action} with ${JSON.stringify(payload)}`, () => {
      assert.ok(isAction(action));
      assert.deepEqual(problemsOf(action, payload), []);
    });
  }
});
