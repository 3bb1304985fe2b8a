import { Failure, messageOf } from '../../errors.ts';
import { cutText } from '../terminal/safeText.ts';
import { withExtremes, type Tokenizer } from './extremes.ts';

/**
 * Parses the JMESPath expression of a flag. Returns a function that applies it, and throws if it does not fit a value.
 * Throws a usage `Failure` for a text that is not an expression or calls a function wrongly, before anything is sent.
 */
export async function jmespathOf(expression: string, flag: string, hint: string): Promise<(value: unknown) => unknown> {
  const jmespath = (await import('jmespath')).default as unknown as Jmespath;
  try {
    for (const call of callsIn(jmespath.compile(expression))) tryCall(call, jmespath);
  } catch (error) {
    const why = error instanceof RangeError ? 'it is nested too deep' : messageOf(error);
    const what = `${flag} '${cutText(expression)}' is no JMESPath expression: ${why}`;
    throw new Failure('usage', what, { hint });
  }
  const sound = withExtremes(expression, jmespath);
  return (value) => jmespath.search(value, sound);
}

interface Jmespath extends Tokenizer {
  compile(expression: string): Node;
  search(value: unknown, expression: string): unknown;
}

/** A part of a parsed expression. */
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly children?: readonly (Node | number | null)[];
  readonly value?: Node;
}

function* callsIn(node: Node | number | null | undefined): Generator<Node> {
  if (node === null || typeof node !== 'object' || node.type === 'Literal') return;
  if (node.type === 'Function') yield node;
  for (const part of [...(node.children ?? []), node.value]) yield* callsIn(part);
}

/**
 * Calls a function once while parsing: the package would find a wrong name or number of arguments only at the first
 * value.
 */
function tryCall({ name = '', children = [] }: Node, jmespath: Jmespath): void {
  try {
    jmespath.search(null, `${name}(${children.map(() => '@').join(', ')})`);
  } catch (error) {
    if (/^(Unknown function|ArgumentError)/.test(messageOf(error))) throw error;
  }
}
