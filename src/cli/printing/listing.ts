import { Help } from 'commander';

const gap = 2;

/**
 * Returns rows of texts as aligned lines. If the longest is wider than `columns`, the texts after the first are joined
 * (`title (permission)`) and wrapped in their column.
 */
export function listing(rows: readonly (readonly string[])[], columns = Infinity): string {
  const widths = (rows[0] ?? []).map((_, index) =>
    rows.reduce((most, row) => Math.max(most, row[index]?.length ?? 0), 0),
  );
  const isFitting = widths.reduce((sum, width) => sum + width + gap, -gap) <= columns;
  const [indent = 0] = widths.map((width) => width + gap);
  const help = new Help();
  help.minWidthToWrap = 16;
  const lines = rows.map((row) => {
    if (isFitting) return row.map((text, index) => text.padEnd((widths[index] ?? 0) + gap)).join('');
    const [first = '', second = '', third = ''] = row;
    const rest = help.boxWrap(third === '' ? second : `${second} (${third})`, columns - indent);
    return `${first.padEnd(indent)}${rest.replaceAll('\n', `\n${' '.repeat(indent)}`)}`;
  });
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
