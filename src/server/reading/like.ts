/** One element of a pattern: a code point, `anySign` for `_`, or `anyText` for `%`. */
type Token = number;

const anySign = -1;
const anyText = -2;
const [percent, underscore, backslash] = [0x25, 0x5f, 0x5c];

/**
 * Returns a matcher for a pattern of SQL's LIKE: `%` is any text, `_` any character, `\` makes the next character
 * literal; letter case counts (PROTOCOL.md 4.23).
 */
export function like(pattern: string): (text: string) => boolean {
  const tokens = tokensOf(pattern);
  const signCount = tokens.reduce((count, token) => (token === anyText ? count : count + 1), 0);
  // a text has at most `length` code points: shorter ones cannot match
  return (text) => text.length >= signCount && matches(Array.from(text, codeOf), tokens);
}

function matches(signs: readonly number[], tokens: readonly Token[]): boolean {
  let at = 0;
  let token = 0;
  // position of the last %, and the end of the text that it covers: only the last one ever needs backtracking
  let lastAny = -1;
  let anyEnd = 0;
  while (at < signs.length) {
    const wanted = tokens[token];
    if (wanted === anyText) {
      lastAny = token++;
      anyEnd = at;
    } else if (wanted === anySign || wanted === signs[at]) {
      at++;
      token++;
    } else if (lastAny >= 0) {
      token = lastAny + 1;
      at = ++anyEnd;
    } else return false;
  }
  return token === tokens.length || (token === tokens.length - 1 && tokens[token] === anyText);
}

/** Returns the elements of a pattern; neighbouring `%` are merged. */
function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (let index = 0; index < pattern.length; index++) {
    let code = pattern.codePointAt(index) ?? 0;
    if (code === percent) {
      if (tokens.at(-1) !== anyText) tokens.push(anyText);
    } else if (code === underscore) tokens.push(anySign);
    else {
      if (code === backslash) code = pattern.codePointAt(++index) ?? backslash;
      if (code > 0xffff) index++;
      tokens.push(code);
    }
  }
  return tokens;
}

function codeOf(sign: string): number {
  return sign.codePointAt(0) ?? 0;
}
