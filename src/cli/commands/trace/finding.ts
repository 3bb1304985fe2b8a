import type { Difference } from '../../../protocol/recordings/agreement.ts';
import type { Frame } from '../../../protocol/frames.ts';
import type { Paint } from '../../printing/streamPrinter.ts';
import { cutText } from '../../terminal/safeText.ts';

/**
 * The result of a comparison: equal or not, only in the recording (`missing`), only now (`unexpected`), or not sent or
 * not awaited (`skipped`).
 */
export type FindingOutcome = 'agrees' | 'differs' | 'missing' | 'unexpected' | 'skipped';

/** The result of one exchange, or of one push. */
export interface ReplayFinding extends Frame {
  readonly kind: 'exchange' | 'push';
  readonly outcome: FindingOutcome;
  readonly action: string;
  /** The line in the recording, and in the other recording if there is one. */
  readonly line?: number;
  readonly otherLine?: number;
  readonly reason?: string;
  readonly differences?: readonly Difference[];
  /** The frames, if they differ; null is silence. */
  readonly request?: Frame;
  readonly expected?: Frame | null;
  readonly actual?: Frame | null;
  readonly replyMs?: number;
  readonly recordedMs?: number;
}

/** The names of the two sides, for messages. */
export interface SideNames {
  readonly expected: string;
  readonly actual: string;
  readonly missing: string;
  readonly unexpected: string;
}

/** Counts findings. */
export class FindingTally {
  readonly #counts = { agrees: 0, differs: 0, missing: 0, unexpected: 0, skipped: 0 };

  add({ outcome }: ReplayFinding): void {
    this.#counts[outcome]++;
  }

  /** How many findings are not equal. */
  get different(): number {
    return this.#counts.differs + this.#counts.missing + this.#counts.unexpected;
  }

  get compared(): number {
    return this.different + this.#counts.agrees;
  }

  record(): Frame {
    return { kind: 'summary', ...this.#counts };
  }

  /** Returns the counts as text. */
  line({ missing: missed, unexpected: added }: SideNames): string {
    const { agrees, differs, missing, unexpected, skipped } = this.#counts;
    const parts = [
      `${agrees} ${agrees === 1 ? 'agrees' : 'agree'}`,
      ...(differs === 0 ? [] : [`${differs} ${differs === 1 ? 'differs' : 'differ'}`]),
      ...(missing === 0 ? [] : [`${missing} ${missed}`]),
      ...(unexpected === 0 ? [] : [`${unexpected} ${added}`]),
      ...(skipped === 0 ? [] : [`${skipped} skipped`]),
    ];
    return parts.join(', ');
  }
}

/** Returns a printer of findings: one line if equal, else what differs and where. */
export function findingPrinter(tally: FindingTally, names: SideNames): (record: Frame, paint: Paint) => string {
  return (record, paint) =>
    record['kind'] === 'summary' ? tally.line(names) : findingLines(record as ReplayFinding, names, paint);
}

function findingLines(finding: ReplayFinding, names: SideNames, paint: Paint): string {
  const { outcome, line, otherLine, action, kind, reason, differences = [] } = finding;
  const { missing, unexpected } = names;
  const word = outcome === 'missing' ? missing : outcome === 'unexpected' ? unexpected : outcome;
  const colour = outcome === 'agrees' ? paint.green : outcome === 'skipped' ? paint.yellow : paint.red;
  const lines = [line, otherLine].filter((number) => number !== undefined).join('/');
  const place = lines === '' ? '' : `line ${lines}`;
  const what = `${kind === 'push' ? 'push ' : ''}${paint.cyan(cutText(action))}`;
  const head = `${paint.dim(place.padEnd(10))} ${colour(word.padEnd(8))} ${what}`;
  const why = reason === undefined ? '' : `: ${cutText(reason, 300)}`;
  return [head + why, ...differences.map((difference) => `    ${differenceLine(difference, names)}`)].join('\n');
}

function differenceLine({ at, expected, actual }: Difference, names: SideNames): string {
  const place = at === '' ? 'the whole' : cutText(at);
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length !== actual.length)
    return `${place}: ${names.expected} ${expected.length} items, ${names.actual} ${actual.length}`;
  return `${place}: ${names.expected} ${valueText(expected)}, ${names.actual} ${valueText(actual)}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value)
    .replace(/"\$\{id(?:Text)?:\d+\}"/g, 'an id')
    .replace(/"\$\{(?:timestamp|time:\d+)\}"/g, 'a time');
  return cutText(text.replaceAll('"${any}"', 'anything'), 200);
}
