import type { Frame } from '../protocol/frames.ts';
import { isList } from './reading/fields.ts';
import type { HarmKind } from './harm/harm.ts';
import { SpelledNumber, type Json, type JsonObject } from './reading/jsonValues.ts';

/** What the server has to say about itself: above all, why it stayed silent. What looks secret in it is replaced. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  /** The request it is about; text where it could not be parsed. What is very long in it is cut. */
  readonly frame?: Frame | string;
  /** What the real server thought and did not say. */
  readonly reason?: string;
  /** Where the behaviour is described, such as `PROTOCOL.md 4.12`. */
  readonly section?: string;
  /** Which kind of harm it is that a real server would have met with; harms are counted too. */
  readonly harm?: HarmKind;
  /** Where an unexpected error arose. */
  readonly stack?: string;
}

/** Takes what the server has to say. */
export type Log = (entry: LogEntry) => void;

/**
 * Names of fields whose whole value stays out of the log, in any case and as parts of names too: `accessToken`,
 * `jwt.secret`, `db-passwd`.
 */
const secretName =
  /token|passw|passphrase|pwd|secret|credential|authori[sz]ation|cookie|(?:api|private|signing)[-_. ]?key|jwt/i;

/** A longer text is cut. */
const maxTextLength = 1000;

/** How many values of a frame are shown. */
const maxValueCount = 1000;

/** A frame as the log may show it: without its secrets, and not endless. */
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
    // a configuration property says by its name whether its value is secret
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
