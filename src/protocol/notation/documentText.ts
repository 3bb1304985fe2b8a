import type * as Yaml from 'yaml';
import type { Document, LineCounter, Node } from 'yaml';
import { Failure, type Problem } from '../../errors.ts';

/** Line and column in a text, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a document, and where: names and list indices from its top. */
export interface DocumentProblem {
  readonly path: readonly string[];
  /** The end of a sentence that begins with the place: `must be >= 1`. */
  readonly message: string;
}

/** What a file in YAML or JSON says, and where each part of it stands. */
export interface DocumentText {
  readonly content: unknown;
  /** Where the value at a path stands, or what is nearest to it where it is missing. */
  readonly locate: (path: readonly string[]) => Position;
}

/**
 * Reads YAML or JSON, which YAML contains. Throws an invalid `Failure` that tells all that does not parse; `file` names
 * the text, `hint` says what it may hold.
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

/**
 * What is wrong with a document as a `Failure`, in the order of the file where `locate` says where things stand:
 * `fleet.yaml:9:14: fleets[0].count must be >= 1`. Then come `others`, as they are.
 */
export function documentFailure(
  file: string,
  problems: readonly DocumentProblem[],
  hint: string,
  locate?: DocumentText['locate'],
  others: readonly Problem[] = [],
): Failure {
  const found = problems.map(({ path, message }) => ({ at: placeText(path), message, position: locate?.(path) }));
  found.sort((one, other) => order(one.position) - order(other.position));
  const placed = found.map(({ at, message, position }) => ({
    at: position === undefined ? at : `${file}:${position.line}:${position.column}: ${at}`.trimEnd(),
    message,
  }));
  return failureOf(file, [...placed, ...others], hint);
}

/** A place in a document as people write it: `fleets[0].commands["*"][1].after`. */
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

/** Aliases that would swell a small file to a huge plan are refused by the parser. */
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

/** The type guards of `yaml`, which is loaded at its first use. */
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
