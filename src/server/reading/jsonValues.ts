/** A number in its sender's spelling, where JavaScript would write it differently: `1.0`, `1e3`, 20 digits. */
export class SpelledNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A received JSON value; numbers keep their spelling (PROTOCOL.md 2.1, 6.2). */
export type Json = null | boolean | number | string | SpelledNumber | readonly Json[] | JsonObject;

/** A received JSON object. */
export interface JsonObject {
  readonly [name: string]: Json;
}

/** JSON that is stored and sent as text, unparsed. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** True if a received value is a JSON object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof SpelledNumber);
}
