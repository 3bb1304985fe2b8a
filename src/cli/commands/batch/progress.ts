import type { LineTally } from './tally.ts';

/** Returns the progress of a batch as text; `share` is the part of the input read so far, 0 to 1, if known. */
export function progressText(tally: LineTally, share: number | undefined, ms: number): string {
  const parts = [
    ...(share === undefined ? [] : [`${Math.floor(share * 100)} %`]),
    `${grouped(tally.total)} lines`,
    `${grouped((tally.total / ms) * 1000)}/s`,
    tally.trouble,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function grouped(number: number): string {
  return Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}
