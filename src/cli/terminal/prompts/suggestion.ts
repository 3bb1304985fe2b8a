import { fittingWords } from '../wrapping.ts';
import { largest } from '../../../protocol/notation/extent.ts';

/** A value that a prompt offers, and what it stands for. Both are safe for a terminal. */
export interface Suggestion {
  readonly value: string;
  readonly label: string;
}

/** The suggestions of a prompt; the remark says how many there are in all. */
export interface Suggestions {
  readonly list: readonly Suggestion[];
  readonly remark?: string | undefined;
}

/** The suggestions that this text may be the beginning of, or a part of; those that begin with it come first. */
export function matching(suggestions: readonly Suggestion[], typed: string): readonly Suggestion[] {
  const text = typed.trim().toLowerCase();
  if (text === '') return suggestions;
  const begins = suggestions.filter(({ value }) => value.toLowerCase().startsWith(text));
  const holds = suggestions.filter(
    (suggestion) =>
      !begins.includes(suggestion) && `${suggestion.value} ${suggestion.label}`.toLowerCase().includes(text),
  );
  return [...begins, ...holds];
}

/** A line of the list under a prompt. */
interface PageLine {
  readonly text: string;
  readonly isChosen: boolean;
}

/** The part of the list around the chosen one for which there is room, and how many more there are. */
export function pageOf(
  suggestions: readonly Suggestion[],
  chosen: number,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): PageLine[] {
  const start = Math.max(0, Math.min(chosen - Math.floor(rows / 2), suggestions.length - rows));
  const shown = suggestions.slice(start, start + rows);
  const width = largest(
    shown.map(({ value }) => value.length),
    0,
  );
  const lines = shown.map(({ value, label }, index) => {
    const isChosen = start + index === chosen;
    return {
      text: `${isChosen ? '❯' : ' '} ${fittingWords(`${value.padEnd(width)}  ${label}`.trimEnd(), columns - 3)}`,
      isChosen,
    };
  });
  const more = suggestions.length - shown.length;
  return more === 0 ? lines : [...lines, { text: `  (${more} more)`, isChosen: false }];
}
