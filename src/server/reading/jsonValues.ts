/** A number in the spelling of its sender, where JavaScript would write it otherwise: `1.0`, `1e3`, 20 digits. */
export class SpelledNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value as it was received; numbers keep their spelling (PROTOCOL.md 2.1, 6.2). */
export type Json = null | boolean | number | string | SpelledNumber | readonly Json[] | JsonObject;

/** A JSON object as it was received. */
export interface JsonObject {
  readonly [name: string]: Json;
}

/** JSON that is kept and sent as text. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Whether a received value is a JSON object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof SpelledNumber);
}

/**
 * How deeply lists and objects of a request may lie in each other; the real server, too, gives up somewhere
 * (PROTOCOL.md 2.7).
 */
export const maxDepth = 1000;
