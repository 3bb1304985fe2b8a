import { schemaOf, type JsonSchema } from '../../../protocol/schema.ts';
import type { RestRoute } from '../route.ts';

const textSchema: JsonSchema = { type: 'string' };

/** Returns the schema of a route's answer; undefined where the answer has no body. */
export function answerSchema(route: RestRoute): JsonSchema | undefined {
  if (route.type !== 'application/json') return textSchema;
  if (route.poll !== undefined) return pollSchema(route);
  if (route.gives === undefined) return undefined;
  const shapes = new Shapes();
  const [reply, text] = [shapes.of(schemaOf(route.action).$defs?.['reply'] ?? {}), shapes.of(textSchema)];
  return shapes.schemaOf(route.gives(reply, { url: text, webSocketServerUrl: text }));
}

/**
 * Stand-ins for reply values. A route's `gives` picks and wraps them like real ones, which yields the schema of its
 * answer.
 */
class Shapes {
  readonly #schemas = new Map<unknown, JsonSchema>();

  of(schema: JsonSchema): object {
    const fields = Object.entries(schema.properties ?? {}).map(([name, child]) => [name, this.of(child)] as const);
    const shape = Object.fromEntries(fields);
    this.#schemas.set(shape, schema);
    return shape;
  }

  schemaOf(shape: unknown): JsonSchema {
    const known = this.#schemas.get(shape);
    if (known !== undefined) return known;
    const fields = Object.entries(shape as object).map(([name, child]) => [name, this.schemaOf(child)] as const);
    return { type: 'object', required: fields.map(([name]) => name), properties: Object.fromEntries(fields) };
  }
}

/** Returns the words for what a poll waits for. */
export function pollNoun({ action, poll }: RestRoute): string {
  return poll === 'one' ? 'an update of a command' : action.startsWith('command') ? 'commands' : 'notifications';
}

function pollSchema({ action, poll }: RestRoute): JsonSchema {
  const noun = action.startsWith('command') ? 'command' : 'notification';
  const item = schemaOf(`${noun}/insert`).$defs?.['event']?.properties?.[noun] ?? {};
  return poll === 'one' ? item : { type: 'array', items: item };
}
