import { Failure, messageOf } from '../../errors.ts';
import { cutText } from '../terminal/safeText.ts';
import { withExtremes, type Tokenizer } from './extremes.ts';

/**
 * Reads the JMESPath expression of a flag; what comes applies it, and throws where it does not fit a value.
 * Throws a usage `Failure` where the text is no expression, or calls a function wrongly: known before anything is sent.
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

/** The package looks a function up, and counts its arguments, only when a value brings it there. */
function tryCall({ name = '', children = [] }: Node, jmespath: Jmespath): void {
  try {
    jmespath.search(null, `${name}(${children.map(() => '@').join(', ')})`);
  } catch (error) {
    if (/^(Unknown function|ArgumentError)/.test(messageOf(error))) throw error;
  }
}
