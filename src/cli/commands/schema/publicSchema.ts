import {
  documentSchema,
  schemaOf,
  type ActionName,
  type DocumentName,
  type JsonSchema,
} from '../../../protocol/schema.ts';

const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** The part of an action that a schema describes. */
export type SchemaPart = 'request' | 'reply' | 'event';

/** A schema as any validator takes it. */
export type PublicSchema = Readonly<Record<string, unknown>>;

/**
 * The fields of a request, or a whole reply or push, envelope included (PROTOCOL.md 2); undefined where the server
 * pushes nothing under this name.
 */
export function actionSchema(action: ActionName, part: SchemaPart): PublicSchema | undefined {
  const { $defs = {}, ...request } = schemaOf(action);
  if (part === 'request') return published(request);
  const { reply, event } = $defs;
  if (part === 'reply') return reply && published(wholeReply(action, reply));
  return event && published({ title: `Push of ${action}`, ...event });
}

/** A file's schema. */
export function fileSchema(name: DocumentName): PublicSchema {
  const { $defs: _resolved, ...schema } = documentSchema(name);
  return published(schema);
}

function wholeReply(action: ActionName, payload: JsonSchema): JsonSchema {
  return {
    title: `Reply to ${action}`,
    ...payload,
    required: ['action', 'status', ...(payload.required ?? [])],
    properties: {
      action: { type: 'string', const: action },
      requestId: { description: 'The id of the request, where it had one.' },
      status: { type: 'string', const: 'success' },
      ...payload.properties,
    },
  };
}

function published(schema: JsonSchema): PublicSchema {
  return { $schema: dialect, ...(standard(schema, true) as PublicSchema) };
}

/** Our own words in those of JSON Schema: strict validators refuse words that they do not know. */
function standard(node: unknown, isSchema: boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => standard(item, isSchema));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).flatMap(([key, value]): [string, unknown][] => {
    if (!isSchema) return [[key, standard(value, true)]];
    if (key === 'x-secret') return [['writeOnly', true]];
    if (key === 'x-permission') return [['$comment', `Needs the permission ${String(value)}.`]];
    if (key.startsWith('x-')) return [];
    return [[key, isData(key) ? value : standard(value, key !== 'properties')]];
  });
  return Object.fromEntries(entries);
}

/** Words whose value is data, not a schema. */
function isData(key: string): boolean {
  return key === 'examples' || key === 'default' || key === 'const' || key === 'enum';
}
