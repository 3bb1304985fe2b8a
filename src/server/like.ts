/** Whether a text matches a pattern of SQL's LIKE: `%` for any text, `_` for any sign, `\` before a sign meant literally; letter case counts (protocol.md 4.23). */
export function isLike(text: string, pattern: string): boolean {
  const signs = Array.from(text);
  const tokens = [...tokensOf(pattern)];
  let at = 0;
  let token = 0;
  // where the last % stands, and how much of the text it takes so far: only that one ever has to give way
  let lastAny = -1;
  let anyEnd = 0;
  while (at < signs.length) {
    const wanted = tokens[token];
    if (wanted === '%') {
      lastAny = token++;
      anyEnd = at;
    } else if (wanted !== undefined && (wanted === '_' || wanted === `=${signs[at]}`)) {
      at++;
      token++;
    } else if (lastAny >= 0) {
      token = lastAny + 1;
      at = ++anyEnd;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === '%');
}

/** Wildcards as they are, literal signs with `=` before them. */
function* tokensOf(pattern: string): Generator<string> {
  const signs = Array.from(pattern);
  for (let index = 0; index < signs.length; index++) {
    const sign = signs[index] ?? '';
    if (sign === '%' || sign === '_') yield sign;
    else yield `=${sign === '\\' ? (signs[++index] ?? '\\') : sign}`;
  }
}
