import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from '../../../protocol/schema.ts';

/** Collects schemas for OpenAPI: drops our own `x-` words, and keeps each titled schema once, by name. */
export class Components {
  readonly #schemas = new Map<string, unknown>();

  /** The titled schemas, by name. */
  get schemas(): Record<string, unknown> {
    return Object.fromEntries(this.#schemas);
  }

  /** Returns a schema for use in the document: a reference to it if it has a title, else the schema itself. */
  add(schema: JsonSchema): unknown {
    const plain = this.#plain(schema) as JsonSchema;
    if (plain.title === undefined) return plain;
    const name = plain.title.replace(/(?:^|\W+)(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (!this.#schemas.has(name)) this.#schemas.set(name, plain);
    return isDeepStrictEqual(this.#schemas.get(name), plain) ? { $ref: `#/components/schemas/${name}` } : plain;
  }

  #plain(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#part(item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([name]) => !name.startsWith('x-') && !name.startsWith('$'));
    return Object.fromEntries(entries.map(([name, child]) => [name, this.#part(child)]));
  }

  #part(value: unknown): unknown {
    const isTitled = typeof value === 'object' && value !== null && 'title' in value && typeof value.title === 'string';
    return isTitled ? this.add(value as JsonSchema) : this.#plain(value);
  }
}
