import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { loadSchemas, vocabulary } from '../../src/build/schemas.ts';
import type { Received } from './conversation.ts';

const folder = fileURLToPath(new URL('../../schemas', import.meta.url));

/** Checks replies and pushes of a server against `$defs.reply` and `$defs.event` of the schemas. */
export class ReplyShapes {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #schemas = loadSchemas(folder);
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor() {
    this.#ajv.addVocabulary([...vocabulary]);
  }

  /** Returns what is wrong with a reply or push; empty for error replies, which have one shape for all actions. */
  problemsOf(frame: Received): string[] {
    if (frame['status'] === 'error') return [];
    const { action, requestId: _requestId, status, ...payload } = frame;
    const isReply = status !== undefined;
    const validate = this.#validator(String(action), isReply ? 'reply' : 'event');
    if (validate(isReply ? payload : frame)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${String(action)} ${instancePath} ${message}`);
  }

  #validator(action: string, part: 'reply' | 'event'): ValidateFunction {
    const key = `${action}#${part}`;
    let validate = this.#compiled.get(key);
    if (validate === undefined) {
      const schema = this.#schemas.get(action)?.['$defs'] as Record<string, object> | undefined;
      validate = this.#ajv.compile(schema?.[part] ?? false);
      this.#compiled.set(key, validate);
    }
    return validate;
  }
}
