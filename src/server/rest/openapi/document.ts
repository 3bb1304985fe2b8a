import type { JsonSchema } from '../../../protocol/schema.ts';
import type { RestRoute } from '../route.ts';
import { Components } from './components.ts';
import { operationOf } from './operation.ts';

/** The body of every refusal: `{"error","message"}` (PROTOCOL.md 10). */
const errorSchema: JsonSchema = {
  type: 'object',
  required: ['error', 'message'],
  properties: {
    error: { type: 'integer', description: 'The HTTP status.' },
    message: { type: ['string', 'null'], description: 'What went wrong.' },
  },
};

/** Returns an OpenAPI 3.1 document that describes the routes of a service; `url` is the service's. */
export function documentOf(routes: readonly RestRoute[], url: string): object {
  const components = new Components();
  const paths = new Map<string, Record<string, object>>();
  for (const route of routes.filter(({ isDocument }) => !isDocument)) {
    const path = route.path || '/';
    paths.set(path, { ...paths.get(path), [route.method.toLowerCase()]: operationOf(route, components) });
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'DeviceHive RESTful API',
      version: '4.1.0',
      description: 'What the embedded server of the devicehive command line serves.',
    },
    servers: [{ url }],
    security: [{ token: [] }],
    paths: Object.fromEntries(paths),
    components: {
      schemas: { ...components.schemas, Error: errorSchema },
      responses: {
        Error: {
          description: 'The request is refused; for a token that is not valid with 401 and without a body.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
        },
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}
