/** Whether a word means itself in every shell, unquoted. */
export function isPlainWord(word: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(word);
}

/** A word as a POSIX shell takes it. */
export function shellQuote(word: string): string {
  return isPlainWord(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
