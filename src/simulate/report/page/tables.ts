import {
  accountNames,
  counterNames,
  counterTitles,
  hopNames,
  hopTitles,
  type Bundle,
  type HopFigures,
} from '../../measure/bundle.ts';
import type { RecentEvent } from '../../measure/recentEvents.ts';
import { spokenActual } from '../assertions.ts';
import { spokenCount, spokenMs, timeOfDay } from '../numbers.ts';
import type { Standing } from '../standings.ts';
import { escapeMarkup } from './escape.ts';

/** A cell: plain text, or text with a CSS class and a few words below it. */
type Cell =
  string | { readonly text: string; readonly kind: 'text' | 'bad' | 'good' | 'name'; readonly words?: string };

/** Returns a table; on narrow screens each row becomes a card, with the heads beside its cells. */
function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '<p class="none">none</p>';
  const head = heads.map((name, index) => headOf(name, rows[0]?.[index])).join('');
  const body = rows.map((cells) => `<tr>${cells.map((cell, index) => cellOf(cell, heads[index])).join('')}</tr>`);
  return `<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

/** Returns the head of a column, aligned like its cells. */
function headOf(name: string, cell: Cell = ''): string {
  const kind = typeof cell !== 'string' && cell.kind === 'text' ? ' class="text"' : '';
  return `<th scope="col"${kind}>${escapeMarkup(name)}</th>`;
}

function cellOf(cell: Cell, head = ''): string {
  const label = head === '' ? '' : ` data-head="${escapeMarkup(head)}"`;
  if (typeof cell === 'string') return `<td${label}>${escapeMarkup(cell)}</td>`;
  const words = cell.words === undefined ? '' : `<small>${escapeMarkup(cell.words)}</small>`;
  return `<td class="${cell.kind}"${label}>${escapeMarkup(cell.text)}${words}</td>`;
}

/** Returns a cell for longer text, which may wrap. */
function wide(text: string): Cell {
  return { text, kind: 'text' };
}

/** Returns a cell with a metric's name, and its meaning below. */
function named(text: string, words: string): Cell {
  return { text, kind: 'name', words };
}

/** Returns the table of hops: how long each part of a conversation took. */
export function hopTable(hops: Readonly<Record<string, HopFigures>>): string {
  const rows = hopNames.flatMap((name) => {
    const hop = hops[name];
    if (hop === undefined || hop.count === 0) return [];
    const times = [hop.p50Ms, hop.p90Ms, hop.p99Ms, hop.p999Ms, hop.maxMs].map(spokenMs);
    return [[named(name, hopTitles[name]), spokenCount(hop.count), ...times]];
  });
  return table(['', 'count', 'p50', 'p90', 'p99', 'p999', 'max'], rows);
}

/**
 * Returns the table of messages expected, received and lost. While a run goes on, messages on their way count as lost.
 */
export function ledgerTable(ledger: Bundle['ledger'], goesOn = false): string {
  const rows = accountNames
    .filter((name) => ledger[name].expected + ledger[name].received > 0)
    .map((name) => {
      const { expected, received, lost, unsent = 0, duplicated, reordered } = ledger[name];
      const counts = [expected, received].map(spokenCount);
      const missing = goesOn ? spokenCount(lost) : troubleCell(lost);
      return [name, ...counts, missing, ...[unsent, duplicated, reordered].map(troubleCell)];
    });
  return table(
    ['', 'expected', 'received', goesOn ? 'on their way or lost' : 'lost', 'unsent', 'duplicated', 'reordered'],
    rows,
  );
}

function troubleCell(count: number): Cell {
  return count === 0 ? '0' : { text: spokenCount(count), kind: 'bad' };
}

/** Returns the table of errors. */
export function errorTable(errors: readonly Bundle['errors'][number][]): string {
  return table(
    ['kind', 'code', 'count', 'text'],
    errors.map(({ kind, code, count, text }) => [
      kind,
      code === null ? '' : String(code),
      spokenCount(count),
      wide(text),
    ]),
  );
}

/** Returns the table of assertions. */
export function assertionTable(assertions: Bundle['assertions']): string {
  return table(
    ['assertion', '', 'measured'],
    assertions.map((assertion) => [
      wide(assertion.text),
      verdictCell(assertion),
      spokenActual(assertion) || 'no samples',
    ]),
  );
}

const standingCells: Readonly<Record<Standing['state'], Cell>> = {
  holds: { text: '✓ holds so far', kind: 'good' },
  open: 'not yet',
  broken: { text: '✗ does not hold', kind: 'bad' },
};

/** Returns the table of assertions while their run goes on. */
export function standingTable(list: readonly Standing[]): string {
  return table(
    ['assertion', '', 'measured'],
    list.map(({ text, state, actual }) => [wide(text), standingCells[state], actual || 'no samples']),
  );
}

function verdictCell({ ok }: Bundle['assertions'][number]): Cell {
  if (ok === null) return 'not asked';
  return ok ? { text: '✓ holds', kind: 'good' } : { text: '✗ does not hold', kind: 'bad' };
}

/** Returns the table of counters; those of later versions have no title. */
export function counterTable(counters: Readonly<Record<string, number>>): string {
  const titles = new Map<string, string>(counterNames.map((name) => [name, counterTitles[name]]));
  return table(
    ['', 'count'],
    Object.entries(counters).map(([name, count]) => {
      const words = titles.get(name);
      return [words === undefined ? name : named(name, words), spokenCount(count)];
    }),
  );
}

/** Returns the table of the latest events. */
export function eventTable(events: readonly RecentEvent[], startedAtMs: number): string {
  return table(
    ['at', 'device', 'what'],
    events.map(({ atMs, device, text }) => [timeOfDay(startedAtMs + atMs), wide(device), wide(text)]),
  );
}
