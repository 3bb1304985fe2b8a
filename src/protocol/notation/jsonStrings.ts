/**
 * Returns the index of the quotation mark that closes the string which opens at `start`, or the length of the text
 * where none does. Regular expressions that know escapes run out of stack on strings of many MiB.
 */
export function endOfString(text: string, start: number): number {
  const mark = text.charAt(start);
  for (let end = text.indexOf(mark, start + 1); end >= 0; end = text.indexOf(mark, end + 1)) {
    let first = end;
    while (text.charCodeAt(first - 1) === 0x5c) first--;
    if ((end - first) % 2 === 0) return end;
  }
  return text.length;
}

/** Returns a JSON text without its strings: brackets, commas, numbers and words. */
export function withoutStrings(text: string): string {
  const rest: string[] = [];
  for (let at = 0; at < text.length;) {
    const start = text.indexOf('"', at);
    if (start < 0) return `${rest.join('')}${text.slice(at)}`;
    rest.push(text.slice(at, start));
    at = endOfString(text, start) + 1;
  }
  return rest.join('');
}
