import type { Frame } from '../protocol/frames.ts';
import { isList } from './reading/fields.ts';
import type { HarmKind } from './harm/harm.ts';
import { SpelledNumber, type Json, type JsonObject } from './reading/jsonValues.ts';

/** A log entry of the server, most often why a request got no reply. Secrets are masked. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  /** The request in question; a text where it could not be parsed. Long texts are cut. */
  readonly frame?: Frame | string;
  /** The code and text that the real server keeps to itself. */
  readonly reason?: string;
  /** Section that describes the behaviour, such as `PROTOCOL.md 4.12`. */
  readonly section?: string;
  /** The kind of harm to a real server, if the entry is about one; harms are counted too. */
  readonly harm?: HarmKind;
  /** Stack of an unexpected error. */
  readonly stack?: string;
}

/** Receives the server's log entries. */
export type Log = (entry: LogEntry) => void;

/**
 * Matches names of fields whose values stay out of the log, in any case and also within longer names: `accessToken`,
 * `jwt.secret`, `db-passwd`.
 */
const secretName =
  /token|passw|passphrase|pwd|secret|credential|authori[sz]ation|cookie|(?:api|private|signing)[-_. ]?key|jwt/i;

/** Longer texts are cut, in UTF-16 units. */
const maxTextLength = 1000;

/** Values of a frame beyond this number are left out. */
const maxValueCount = 1000;

/** Returns a frame for the log: secrets masked, long texts and large lists cut. */
export function loggable(frame: JsonObject): Frame {
  let left = maxValueCount;
  const shown = (value: Json): unknown => {
    if (--left < 0) return '…';
    if (typeof value === 'string') return value.length > maxTextLength ? `${value.slice(0, maxTextLength)}…` : value;
    if (value instanceof SpelledNumber) return Number(value.text);
    if (typeof value !== 'object' || value === null) return value;
    return isList(value) ? value.slice(0, maxValueCount).map(shown) : shownObject(value);
  };
  const shownObject = (object: JsonObject): Frame => {
    // the name of a configuration property shows whether its value is secret
    const isSecret = typeof object['name'] === 'string' && secretName.test(object['name']);
    const entries = Object.entries(object).slice(0, maxValueCount);
    return Object.fromEntries(
      entries.map(([key, child]) => [
        key,
        secretName.test(key) || (isSecret && key === 'value') ? '***' : shown(child),
      ]),
    );
  };
  return shownObject(frame);
}
