import type * as Yaml from 'yaml';
import type { Document, LineCounter, Node } from 'yaml';
import { Failure, type Problem } from '../../errors.ts';

/** A line and a column in a text, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A problem of a document's content. `path` leads to the value at fault: names and list indices from the top. */
export interface DocumentProblem {
  readonly path: readonly string[];
  /** The rest of a sentence that begins with the path: `must be >= 1`. */
  readonly message: string;
}

/** The content of a YAML or JSON file, with the position of each part. */
export interface DocumentText {
  readonly content: unknown;
  /** Returns the position of the value at a path, or of its nearest parent where it is missing. */
  readonly locate: (path: readonly string[]) => Position;
}

/**
 * Parses YAML or JSON (which is YAML too). Throws an `invalid` `Failure` that lists every syntax error; `file` is the
 * name shown, `hint` says what the file may hold.
 */
export async function readDocument(text: string, file: string, hint: string): Promise<DocumentText> {
  const { parseDocument, LineCounter, isMap, isSeq, isAlias, isScalar } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: true });
  const problems = document.errors.map(({ pos: [offset], message }) => {
    const { line, column } = position(lineCounter, offset);
    return { at: `${file}:${line}:${column}:`, message: `cannot be parsed: ${message}` };
  });
  if (problems.length > 0) throw failureOf(file, problems, hint);
  const kinds: Kinds = { isMap, isSeq, isAlias, isScalar };
  return {
    content: contentOf(document, file),
    locate: (path) => position(lineCounter, offsetOf(document, path, kinds)),
  };
}

/** How to present the problems of a document. */
export interface ProblemTelling {
  readonly hint: string;
  readonly locate?: DocumentText['locate'] | undefined;
  /** Problems outside of the document. */
  readonly others?: readonly Problem[];
}

/**
 * Returns one `invalid` `Failure` for all problems of a document, such as `fleet.yaml:9:14: fleets[0].count must be >=
 * 1`. With `locate`, problems are in the order of the file and show their positions; `others` follow as they are.
 */
export function documentFailure(
  file: string,
  problems: readonly DocumentProblem[],
  { hint, locate, others = [] }: ProblemTelling,
): Failure {
  const found = problems.map(({ path, message }) => ({ at: placeText(path), message, position: locate?.(path) }));
  found.sort((one, other) => order(one.position) - order(other.position));
  const placed = found.map(({ at, message, position }) => ({
    at: position === undefined ? at : `${file}:${position.line}:${position.column}: ${at}`.trimEnd(),
    message,
  }));
  return failureOf(file, [...placed, ...others], hint);
}

/** Returns a path as people write it: `fleets[0].commands["*"][1].after`. */
export function placeText(path: readonly string[]): string {
  return path
    .map((name, index) => {
      if (/^\d+$/.test(name)) return `[${name}]`;
      if (!/^[\w-]+$/.test(name)) return `[${JSON.stringify(name)}]`;
      return index === 0 ? name : `.${name}`;
    })
    .join('');
}

function order(position: Position | undefined): number {
  return position === undefined ? 0 : position.line * 1e6 + position.column;
}

function failureOf(file: string, problems: readonly Problem[], hint: string): Failure {
  const [first] = problems;
  const isOne = problems.length === 1 && first !== undefined;
  return new Failure('invalid', isOne ? `${first.at} ${first.message}` : `${file} has ${problems.length} problems`, {
    hint,
    problems,
  });
}

/** Returns the document as plain values. Throws where aliases would expand a small file to a huge document. */
function contentOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 }) as unknown;
  } catch (error) {
    throw new Failure('invalid', `${file} cannot be read: ${(error as Error).message}`, {
      hint: 'Write out what the aliases (*name) stand for.',
      cause: error,
    });
  }
}

function position(lineCounter: LineCounter, offset: number): Position {
  const { line, col } = lineCounter.linePos(offset);
  return { line, column: col };
}

/** The type guards of `yaml`, passed around because the module is loaded at first use. */
type Kinds = Pick<typeof Yaml, 'isMap' | 'isSeq' | 'isAlias' | 'isScalar'>;

function offsetOf(document: Document, path: readonly string[], kinds: Kinds): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const name of path) {
    if (kinds.isAlias(node)) node = node.resolve(document);
    if (kinds.isMap(node)) {
      const pair = node.items.find(({ key }) => String(kinds.isScalar(key) ? key.value : key) === name);
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (kinds.isSeq(node)) {
      node = node.items[Number(name)];
      offset = (node as Node | undefined)?.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}
