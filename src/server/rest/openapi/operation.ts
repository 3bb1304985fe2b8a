import { schemaOf, type JsonSchema } from '../../../protocol/schema.ts';
import type { Body } from '../bodies.ts';
import type { RestRoute } from '../route.ts';
import { answerSchema, pollNoun } from './answerSchema.ts';
import type { Components } from './components.ts';
import { own } from '../../../protocol/own.ts';

/** Returns the OpenAPI operation of a route. */
export function operationOf(route: RestRoute, components: Components): object {
  const request = schemaOf(route.action);
  const { parameters, body, poll } = route;
  const permission = request['x-permission'];
  return {
    operationId: operationId(route),
    tags: [route.action.split('/')[0]],
    summary: poll === undefined ? request.title : `Wait for ${pollNoun(route)}`,
    ...(permission === undefined ? { security: [] } : { description: `Needs the permission ${permission}.` }),
    parameters: Object.entries(parameters).map(([name, { schema }]) =>
      parameterOf(name, { ...own(request.properties, name), ...schema }, route, components),
    ),
    ...(body === undefined ? {} : { requestBody: bodyOf(body, request, components) }),
    responses: { ...successOf(route, components), default: { $ref: '#/components/responses/Error' } },
  };
}

/** Returns an id such as `getDeviceDeviceIdCommandPoll`. */
function operationId({ method, path }: RestRoute): string {
  return method.toLowerCase() + path.replace(/\W+(\w?)/g, (_, letter: string) => letter.toUpperCase());
}

function parameterOf(name: string, schema: JsonSchema, { path }: RestRoute, components: Components): object {
  const { description, ...rest } = schema;
  const isInPath = path.includes(`{${name}}`);
  return {
    name,
    in: isInPath ? 'path' : 'query',
    ...(description === undefined ? {} : { description }),
    ...(isInPath ? { required: true } : {}),
    // lists are separated by commas
    ...(rest.type === 'array' ? { explode: false } : {}),
    schema: components.add(rest.type === undefined ? { type: 'string', ...rest } : rest),
  };
}

function bodyOf({ into, fields }: Body, request: JsonSchema, components: Components): object {
  const whole = into === undefined ? request : own(request.properties, into);
  const properties = Object.entries(whole?.properties ?? {}).filter(([name]) => Object.hasOwn(fields, name));
  const required = whole?.required?.filter((name) => Object.hasOwn(fields, name)) ?? [];
  const schema = {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(properties),
  };
  return { required: true, content: { 'application/json': { schema: components.add(schema) } } };
}

function successOf(route: RestRoute, components: Components): Record<number, object> {
  const schema = answerSchema(route);
  const nothing = { description: route.poll === undefined ? 'Done.' : 'There was none in time.' };
  if (schema === undefined) return { 204: nothing };
  const content = { [route.type]: { schema: components.add(schema) } };
  const success = { description: schema.description ?? 'Done.', content };
  return { [route.status]: success, ...(route.poll === 'one' ? { 204: nothing } : {}) };
}
