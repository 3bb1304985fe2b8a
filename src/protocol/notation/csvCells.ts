/**
 * True if a line holds an odd number of quotes, and so begins or ends inside a quoted cell: quotes within cells are
 * doubled (RFC 4180).
 */
export function isOdd(line: string): boolean {
  let count = 0;
  for (let at = line.indexOf('"'); at !== -1; at = line.indexOf('"', at + 1)) count++;
  return count % 2 === 1;
}

/** The separator of cells: a comma, or a semicolon as spreadsheets write it in much of Europe. */
export type Separator = ',' | ';';

/** Returns what separates the cells under a header: a semicolon where it has one, and no comma. */
export function separatorOf(header: string): Separator {
  return header.includes(';') && !header.includes(',') ? ';' : ',';
}

/** Returns the cells of one CSV record; undefined where a quote is misplaced. */
export function cellsOf(record: string, separator: Separator = ','): string[] | undefined {
  if (!record.includes('"')) return record.split(separator);
  const cells: string[] = [];
  for (let at = 0; ;) {
    const end = record.charAt(at) === '"' ? closing(record, at) : record.indexOf(separator, at);
    const isQuoted = record.charAt(at) === '"';
    const cell = end === -1 ? record.slice(at) : record.slice(at, end);
    if (isQuoted ? end === -1 : cell.includes('"')) return undefined;
    cells.push(isQuoted ? cell.slice(1).replaceAll('""', '"') : cell);
    const next = isQuoted ? end + 1 : end;
    if (next === -1 || next === record.length) return cells;
    if (record.charAt(next) !== separator) return undefined;
    at = next + 1;
  }
}

/** Returns the index of the quote that ends the cell whose opening quote is at `start`; -1 where none does. */
function closing(record: string, start: number): number {
  for (let at = record.indexOf('"', start + 1); at !== -1; at = record.indexOf('"', at + 2)) {
    if (record.charAt(at + 1) !== '"') return at;
  }
  return -1;
}
