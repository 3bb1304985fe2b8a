import { Failure } from '../../../../errors.ts';
import { isAction, isFreeForm, schemaOf, type JsonSchema } from '../../../../protocol/schema.ts';
import type { Frame } from '../../../../protocol/frames.ts';
import { maxSentDepth, shallowJson } from '../../../../protocol/depth.ts';
import { cutText } from '../../../terminal/safeText.ts';
import { cellsOf, separatorOf, type Separator } from '../../../../protocol/notation/csvCells.ts';
import { own } from '../../../../protocol/own.ts';

/** Names with more dots are refused: no action has fields so deep. */
const mostLevels = 100;

type Convert = (text: string) => unknown;

/** One column: the field that its values go to, and how they are read for one action. */
interface Column {
  readonly path: readonly string[];
  readonly convert: Convert;
}

/**
 * Turns records of CSV into frames: the header names fields (nested ones with dots), the action's schema says the
 * types.
 */
export class CsvTable {
  readonly #separator: Separator;
  readonly #names: readonly string[];
  readonly #defaultAction: string | undefined;
  readonly #columns = new Map<string, readonly Column[]>();

  /** Reads the header. Throws a usage `Failure`. */
  constructor(header: string, defaultAction: string | undefined) {
    this.#separator = separatorOf(header);
    const names = cellsOf(header, this.#separator)?.map((name) => name.trim());
    const problem = names === undefined ? 'has stray quotes' : headerProblem(names);
    if (names === undefined || problem !== undefined) {
      throw new Failure('usage', `the CSV header ${problem ?? ''}: ${cutText(header)}`, {
        hint: 'The first line names the fields, such as action,deviceId,commandId,command.status.',
      });
    }
    this.#names = names;
    this.#defaultAction = defaultAction;
  }

  /** Returns the frame of a record, or what is wrong with it. An empty cell is an absent field. */
  frameOf(record: string): Frame | string {
    const cells = cellsOf(record, this.#separator);
    if (cells === undefined) return 'has stray quotes';
    if (cells.length > this.#names.length)
      return `has ${cells.length} cells, but the header names ${this.#names.length}`;
    const actionCell = cells[this.#names.indexOf('action')];
    const columns = this.#columnsFor(
      actionCell === undefined || actionCell === '' ? (this.#defaultAction ?? '') : actionCell,
    );
    const frame = emptyObject();
    for (let index = 0; index < cells.length; index++) {
      const text = cells[index] ?? '';
      const column = columns[index];
      if (text !== '' && column !== undefined) put(frame, column.path, column.convert(text));
    }
    return frame;
  }

  #columnsFor(action: string): readonly Column[] {
    const key = isAction(action) ? action : '';
    let columns = this.#columns.get(key);
    if (columns === undefined) {
      const schema = isAction(action) ? schemaOf(action) : undefined;
      columns = this.#names.map((name) => columnOf(name, schema));
      this.#columns.set(key, columns);
    }
    return columns;
  }
}

function headerProblem(names: readonly string[]): string | undefined {
  if (names.some((name) => name.split('.').includes(''))) return 'has a column without a name';
  const known = new Set<string>();
  for (const name of names) {
    if (known.has(name)) return `names ${cutText(name)} twice`;
    known.add(name);
  }
  for (const name of names) {
    const levels = name.split('.').length;
    if (levels > mostLevels) return `names a field that lies ${levels} levels deep`;
    const whole = wholesOf(name).find((other) => known.has(other));
    if (whole !== undefined) return `names both ${cutText(whole)} and a part of it`;
  }
  return undefined;
}

/** Returns the fields around a nested one: `a` and `a.b` for `a.b.c`. */
function wholesOf(name: string): string[] {
  const parts = name.split('.');
  return parts.slice(1).map((_part, index) => parts.slice(0, index + 1).join('.'));
}

function columnOf(name: string, schema: JsonSchema | undefined): Column {
  const path = name.split('.');
  if (name === 'action' || name === 'requestId') return { path, convert: (text) => text };
  return { path, convert: converter(schema === undefined ? undefined : fieldAt(schema, path)) };
}

/** Returns a field's schema; undefined inside a free-form object, and for fields that the action does not have. */
function fieldAt(root: JsonSchema, path: readonly string[]): JsonSchema | undefined {
  let schema: JsonSchema | undefined = root;
  for (const name of path) {
    if (schema === undefined || isFreeForm(schema)) return undefined;
    schema = own(schema.properties, name);
  }
  return schema;
}

/**
 * Returns a reader of cells by type. A cell that does not fit its type, or is nested too deeply, stays text; the
 * validator then names the expected type.
 */
function converter(schema: JsonSchema | undefined): Convert {
  const types = schema?.type === undefined ? [] : [schema.type].flat();
  if (types.includes('string')) return (text) => text;
  return json;
}

function json(text: string): unknown {
  try {
    return shallowJson(text, maxSentDepth);
  } catch {
    return text;
  }
}

/** Returns an object without a prototype, in which no name is special; `put` relies on it. */
function emptyObject(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

function put(frame: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let target = frame;
  /* eslint-disable house/own-lookups -- neither the frame nor what is in it has a prototype */
  for (const name of path.slice(0, -1)) target = (target[name] ??= emptyObject()) as Record<string, unknown>;
  target[path.at(-1) ?? ''] = value;
  /* eslint-enable house/own-lookups */
}
