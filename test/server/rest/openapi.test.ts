import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { authRoutes, frontendRoutes, proxyRoutes } from '../../../src/server/rest/routes.ts';
import type { RestRoute } from '../../../src/server/rest/route.ts';
import { ask, restWorld } from '../http.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}

interface Document {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

async function documentOf(server: { readonly port: number }, service = '/dh/rest'): Promise<Document> {
  const { status, headers, body } = await ask(server, 'GET', `${service}/swagger.json`);
  assert.equal(status, 200);
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['access-control-allow-origin'], '*');
  return body as Document;
}

function operations({ paths }: Document): string[] {
  return Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
}

function declared(routes: readonly RestRoute[]): string[] {
  const served = routes.filter(({ isDocument }) => !isDocument);
  return served.map(({ method, path }) => `${method.toLowerCase()} ${path || '/'}`);
}

const services = { '/dh/rest': frontendRoutes, '/api/rest': proxyRoutes, '/auth/rest': authRoutes };

describe('the OpenAPI document of a service', () => {
  it('is valid, and needs no token', async () => {
    await using server = await restWorld();
    for (const service of Object.keys(services)) {
      const { valid, errors } = await new Validator().validate({ ...(await documentOf(server, service)) });
      assert.ok(valid, JSON.stringify(errors));
    }
  });

  it('names each route with its parameters, and where it is served', async () => {
    await using server = await restWorld();
    for (const [service, routes] of Object.entries(services)) {
      const document = await documentOf(server, service);
      assert.equal(document.servers[0]?.url, `http://127.0.0.1:${server.port}${service}`);
      assert.deepEqual(operations(document).sort(), declared(routes).sort());
      const ids = Object.values(document.paths).flatMap((methods) =>
        Object.values(methods).map((one) => one.operationId),
      );
      assert.equal(new Set(ids).size, ids.length);
    }
    const { get } = (await documentOf(server)).paths['/device/{deviceId}/command/poll'] ?? {};
    const names = get?.parameters.map((parameter) => `${parameter.in} ${parameter.name}`).sort();
    const query = ['limit', 'names', 'returnUpdatedCommands', 'timestamp', 'waitTimeout'];
    assert.deepEqual(names, ['path deviceId', ...query.map((name) => `query ${name}`)]);
  });

  it('says which requests need a token', async () => {
    await using server = await restWorld();
    const { paths } = await documentOf(server, '/api/rest');
    const open = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { security }]) =>
        security?.length === 0 ? [`${method} ${path}`] : [],
      ),
    );
    const expected = ['get /', 'get /info', 'get /info/cache', 'get /info/config/cluster'];
    assert.deepEqual(open, [...expected, 'post /token', 'post /token/refresh']);
  });

  it('describes the answers', async () => {
    await using server = await restWorld();
    const document = await documentOf(server, '/api/rest');
    const ajv = new Ajv2020({ strict: false });
    ajv.addSchema(document, 'document');
    const assertLike = async (method: string, path: string, template = path, body?: object) => {
      const { status, body: answer } = await ask(server, method, `/api/rest${path}`, { token: server.token, body });
      const pointer = [
        template.split('?')[0] ?? '',
        method.toLowerCase(),
        'responses',
        String(status),
        'content',
        'application/json',
        'schema',
      ];
      const place = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
      const validate = ajv.getSchema(`document#/paths/${place.join('/')}`);
      assert.ok(validate, `${method} ${template}: ${status}`);
      assert.ok(
        validate(answer),
        `${method} ${template}: ${JSON.stringify(validate.errors)} ${JSON.stringify(answer)}`,
      );
    };
    for (const path of ['/info', '/info/cache', '/info/config/cluster', '/network', '/network/count', '/devicetype'])
      await assertLike('GET', path);
    for (const path of ['/devicetype/count', '/device', '/device/count', '/user', '/user/count', '/user/current'])
      await assertLike('GET', path);
    await assertLike('GET', '/configuration/jwt.secret', '/configuration/{name}');
    await assertLike('PUT', '/configuration/x', '/configuration/{name}', { value: 'y' });
    await assertLike('GET', '/network/1', '/network/{networkId}');
    await assertLike('GET', '/devicetype/1', '/devicetype/{deviceTypeId}');
    await assertLike('GET', '/device/d1', '/device/{deviceId}');
    await assertLike('GET', '/user/1', '/user/{userId}');
    await assertLike('GET', '/user/1/network/1', '/user/{userId}/network/{networkId}');
    await assertLike('GET', '/user/1/devicetype', '/user/{userId}/devicetype');
    await assertLike('GET', '/user/1/devicetype/1', '/user/{userId}/devicetype/{deviceTypeId}');
    await assertLike('GET', '/device/d1/command', '/device/{deviceId}/command');
    await assertLike('GET', '/device/d1/command/42', '/device/{deviceId}/command/{commandId}');
    await assertLike('POST', '/network', '/network', { name: 'n' });
    await assertLike('POST', '/user', '/user', { login: 'someone', password: 'secret-1', role: 1, status: 0 });
    await assertLike('POST', '/device/d1/command', '/device/{deviceId}/command', { command: 'c' });
    await assertLike('POST', '/device/d1/notification', '/device/{deviceId}/notification', { notification: 'n' });
    await assertLike('GET', '/device/d1/notification', '/device/{deviceId}/notification');
    const past = '/device/d1/command/poll?timestamp=2000-01-01&waitTimeout=0';
    await assertLike('GET', past, '/device/{deviceId}/command/poll');
    await assertLike('POST', '/token', '/token', { login: 'dhadmin', password: 'dhadmin_#911' });
    await assertLike('POST', '/token/create', '/token/create', { userId: 1, actions: ['*'] });
  });
});

describe('plugins', () => {
  it('are said to be absent, to browsers of any origin too', async () => {
    await using server = await restWorld();
    const { status, headers, body } = await ask(server, 'GET', '/plugin/rest/plugin');
    assert.equal(status, 404);
    assert.deepEqual(body, { error: 404, message: 'This embedded server has no plugins' });
    assert.equal(headers['access-control-allow-origin'], '*');
    const preflight = await ask(server, 'OPTIONS', '/plugin/rest/plugin');
    assert.equal(preflight.status, 200);
    assert.equal(preflight.headers['access-control-allow-origin'], '*');
    assert.equal((await ask(server, 'GET', '/plugin/rest/swagger.json')).status, 404);
  });
});
