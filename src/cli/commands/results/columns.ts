import { largest } from '../../../protocol/notation/extent.ts';
/** A first column that is cut below this says nothing. */
const leastFirst = 8;

/**
 * Cells below each other: the first column to the left, the others, numbers, to the right. The first column is cut
 * where that makes the lines fit.
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

/** Lines with a text beside each, one below the other. */
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
