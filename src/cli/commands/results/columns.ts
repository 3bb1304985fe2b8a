import { largest } from '../../../protocol/notation/extent.ts';
/** A first column cut to fewer characters says nothing. */
const leastFirst = 8;

/**
 * Returns rows as lines: the first column aligned left, the others, numbers, right. The first column is cut if that
 * makes the lines fit.
 */
export function columns(rows: readonly (readonly string[])[], width = Infinity): string[] {
  const count = largest(
    rows.map((row) => row.length),
    0,
  );
  const widths = Array.from({ length: count }, (_, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0),
  );
  const [first = 0, ...others] = widths;
  const left = width - others.reduce((sum, one) => sum + 2 + one, 0);
  const room = left < leastFirst ? first : Math.min(first, left);
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? shortened(cell, room).padEnd(room) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Returns lines, each with a text to its right, aligned. */
export function beside(lines: readonly string[], texts: readonly string[]): string[] {
  const widest = largest(
    lines.map(({ length }) => length),
    0,
  );
  return lines.map((line, index) => `${line.padEnd(widest)}  ${texts[index] ?? ''}`.trimEnd());
}

function shortened(cell: string, room: number): string {
  return cell.length <= room ? cell : `${cell.slice(0, room - 1)}…`;
}
