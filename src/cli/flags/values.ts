import { Failure, messageOf, type Problem } from '../../errors.ts';
import { fileReason, lineIn, readText } from '../terminal/files.ts';
import type { Flag, FlagKind } from './flags.ts';
import type { Io } from '../terminal/io.ts';
import { cutText } from '../terminal/safeText.ts';
import { maxSentDepth } from '../../protocol/depth.ts';
import { withoutStrings } from '../../protocol/notation/jsonStrings.ts';
import { tokenIn } from './secretText.ts';

/** Flag values as commander leaves them: texts, lists of texts, or booleans, by flag name. */
export type RawValues = ReadonlyMap<string, unknown>;

/** The values of an action's flags, and what was wrong with those that could not be read. */
export interface ReadValues {
  readonly values: Map<Flag, unknown>;
  readonly problems: (Problem & { readonly flag: Flag })[];
}

/**
 * Reads every flag that was given; a value that cannot be read becomes a problem, and the rest is read all the same.
 */
export async function readValues(flags: readonly Flag[], raw: RawValues, io: Io): Promise<ReadValues> {
  const read: ReadValues = { values: new Map(), problems: [] };
  for (const flag of flags) {
    try {
      const value = await valueOf(flag, raw, io);
      if (value !== undefined) read.values.set(flag, value);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const given = raw.get(`${flag.name}-file`) === undefined ? flag.name : `${flag.name}-file`;
      read.problems.push({ at: `--${given}`, message: error.message, flag });
    }
  }
  return read;
}

async function valueOf(flag: Flag, raw: RawValues, io: Io): Promise<unknown> {
  if (flag.secret) return secretValue(flag, raw, io);
  const given = raw.get(flag.name);
  if (given === undefined) return undefined;
  if (flag.repeatable) return Promise.all((given as string[]).map((text) => readValue(flag, text, io)));
  return readValue(flag, given, io);
}

async function secretValue(flag: Flag, raw: RawValues, io: Io): Promise<string | undefined> {
  const file = raw.get(`${flag.name}-file`);
  if (typeof file === 'string') return secretIn(flag, await readInput(file === '-' ? '-' : `@${file}`, io));
  const given = raw.get(flag.name);
  if (typeof given !== 'string') return undefined;
  if (given === '-') return secretIn(flag, await readInput('-', io));
  io.danger(`--${flag.name} on the command line is visible in process lists; use --${flag.name}-file`);
  return isToken(flag) ? secretIn(flag, given) : given;
}

/** The value of a secret field; a token may come in several forms. Throws as `tokenIn` does. */
export function secretIn(flag: Flag, text: string): string {
  return isToken(flag) ? tokenIn(text, 'refreshToken').token : lineIn(text);
}

/** The one field of a request that is a token besides that of `--token`. */
function isToken({ path }: Flag): boolean {
  return path.at(-1) === 'refreshToken';
}

/** One flag's text as the value of the payload. Throws a `Failure` whose message completes "--flag …". */
export async function readValue(flag: Flag, given: unknown, io: Io): Promise<unknown> {
  if (typeof given !== 'string') return given;
  const kind: FlagKind = flag.kind;
  if (kind === 'json') return readJson(given, io);
  if (kind === 'integer') return readInteger(given);
  if (kind === 'boolean') return readBoolean(given);
  if (kind === 'number') return readNumber(given);
  return isCount(given) && allowsInteger(flag) ? readInteger(given) : given;
}

function isCount(text: string): boolean {
  return /^-?\d+$/.test(text);
}

/** Some fields are a text or a number, such as an action of a token: digits are the number. */
function allowsInteger(flag: Flag): boolean {
  const { type } = flag.repeatable ? (flag.schema.items ?? {}) : flag.schema;
  return Array.isArray(type) && type.includes('integer');
}

function readInteger(text: string): number {
  const value = Number(text);
  if (!/^[+-]?\d+$/.test(text.trim())) throw new Failure('invalid', `must be an integer, not '${cutText(text)}'`);
  if (!Number.isSafeInteger(value)) {
    throw new Failure(
      'invalid',
      `must lie within ±9007199254740991 (2^53 - 1) to be sent exactly, not ${cutText(text)}`,
    );
  }
  return value;
}

function readNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new Failure('invalid', `must be a number, not '${cutText(text)}'`);
  return value;
}

function readBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false')
    throw new Failure('invalid', `must be true or false, not '${cutText(text)}'`);
  return text === 'true';
}

/** JSON given as text, as `@file` or as `-` for stdin. */
export async function readJson(given: string, io: Io): Promise<unknown> {
  const text = await readInput(given, io);
  const origin = given === '-' ? ' on stdin' : given.startsWith('@') ? ` in ${given.slice(1)}` : '';
  return parseJsonExactly(text, origin);
}

/** Parses JSON; refuses integers that JavaScript would change on their way. `origin` names where the text came from. */
export function parseJsonExactly(text: string, origin = ''): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const shown = text.trim() === '' ? 'is empty' : `cannot be parsed: ${cutText(messageOf(error), 160)}`;
    throw new Failure('invalid', `must be JSON; the text${origin} ${shown}`);
  }
  const changed = changedNumber(text);
  if (changed !== undefined) {
    throw new Failure(
      'invalid',
      `holds the number ${cutText(changed)}, which is beyond 2^53 and would be changed; send it as a string`,
    );
  }
  if (depthOf(text) > maxSentDepth) throw new Failure('invalid', `is nested deeper than ${maxSentDepth} levels`);
  return value;
}

/** A number in this JSON that JavaScript cannot keep: an integer beyond 2^53, or one beyond all bounds. */
export function changedNumber(text: string): string | undefined {
  if (!/\d{16}|\d[eE]\+?\d{3}/.test(text)) return undefined;
  const numbers = withoutStrings(text).match(/(?<![\w.+-])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g) ?? [];
  return numbers.find((digits) => {
    const value = Number(digits);
    return !Number.isFinite(value) || (/^-?\d{16,}$/.test(digits) && !Number.isSafeInteger(value));
  });
}

function depthOf(text: string): number {
  if (text.length < maxSentDepth) return 0;
  let depth = 0;
  let deepest = 0;
  for (const sign of withoutStrings(text)) {
    if (sign === '{' || sign === '[') deepest = Math.max(deepest, ++depth);
    else if (sign === '}' || sign === ']') depth--;
  }
  return deepest;
}

/** The text itself, the content of `@file`, or stdin for `-`. */
async function readInput(given: string, io: Io): Promise<string> {
  if (given === '-') return io.readStdin();
  if (!given.startsWith('@')) return given;
  const file = given.slice(1);
  try {
    return readText(file, `'${cutText(file, 200)}'`);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('invalid', `cannot be read from '${cutText(file, 200)}': ${fileReason(error)}`, { cause: error });
  }
}
