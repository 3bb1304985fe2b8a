import { Help } from 'commander';

const gap = 2;

/**
 * Rows of texts as aligned lines. Where the longest is wider than this many columns, what stands behind the first text
 * becomes one (`title (permission)`) that goes on under itself.
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
