import { own } from '../../protocol/own.ts';

/** The part of the package that this needs. */
export interface Tokenizer {
  tokenize(expression: string): readonly Token[];
}

interface Token {
  readonly type: string;
  readonly value: unknown;
  readonly start: number;
}

/** How a call of `sort_by` in place of another is written: its two parentheses, and the comma between. */
interface Extreme {
  readonly begin: string;
  readonly comma: string;
  readonly end: string;
}

/** Of equal items the first counts; `sort_by` keeps their order, so the largest is sought in the reversed list. */
const extremes: Readonly<Record<string, Extreme>> = {
  max_by: { begin: '(reverse(', comma: '),', end: ')[-1]' },
  min_by: { begin: '(', comma: ',', end: ')[0]' },
  max: { begin: '(', comma: ',', end: ', &@)[-1]' },
  min: { begin: '(', comma: ',', end: ', &@)[0]' },
  sort: { begin: '(', comma: ',', end: ', &@)' },
};

const opening = new Set(['Lparen', 'Lbracket', 'Lbrace', 'Filter']);
const closing = new Set(['Rparen', 'Rbracket', 'Rbrace']);

/**
 * Returns an expression with `sort_by` in place of what the package does wrong: `max_by` and `min_by` compare with
 * ±Infinity, and no text is larger or smaller than that; `max` and `min` take stack for each item; `sort` puts 10
 * before 9.
 */
export function withExtremes(expression: string, jmespath: Tokenizer): string {
  const tokens = jmespath.tokenize(expression);
  const texts = tokens.map(({ start }, index) => expression.slice(start, tokens[index + 1]?.start));
  const open: (Extreme | undefined)[] = [];
  for (const [index, { type }] of tokens.entries()) {
    if (opening.has(type)) {
      const extreme = type === 'Lparen' ? extremeOf(tokens[index - 1]) : undefined;
      open.push(extreme);
      if (extreme !== undefined) texts.splice(index - 1, 2, 'sort_by', extreme.begin);
    } else if (type === 'Comma') texts[index] = open.at(-1)?.comma ?? ',';
    else if (closing.has(type)) texts[index] = open.pop()?.end ?? texts[index] ?? '';
  }
  return texts.join('');
}

function extremeOf(name: Token | undefined): Extreme | undefined {
  return name?.type === 'UnquotedIdentifier' ? own(extremes, String(name.value)) : undefined;
}
