import { accountNames, hopNames, hopTitles, type Bundle, type HopFigures } from '../../measure/bundle.ts';
import type { RecentEvent } from '../../measure/recentEvents.ts';
import { spokenActual } from '../assertions.ts';
import { escapeMarkup } from './escape.ts';
import { spokenCount, spokenMs } from '../numbers.ts';

/** A cell: plain text, or text with a CSS class. */
type Cell = string | { readonly text: string; readonly kind: 'text' | 'bad' };

function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '<p class="none">none</p>';
  const head = heads.map((name, index) => headOf(name, rows[0]?.[index])).join('');
  const body = rows.map((cells) => `<tr>${cells.map(cellOf).join('')}</tr>`).join('\n');
  return `<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** It stands above its cells as they do. */
function headOf(name: string, cell: Cell = ''): string {
  const kind = typeof cell !== 'string' && cell.kind === 'text' ? ' class="text"' : '';
  return `<th scope="col"${kind}>${escapeMarkup(name)}</th>`;
}

function cellOf(cell: Cell): string {
  if (typeof cell === 'string') return `<td>${escapeMarkup(cell)}</td>`;
  return `<td class="${cell.kind}">${escapeMarkup(cell.text)}</td>`;
}

/** A cell for longer text, which may wrap. */
function wide(text: string): Cell {
  return { text, kind: 'text' };
}

/** How long each part of a conversation took. */
export function hopTable(hops: Readonly<Record<string, HopFigures>>): string {
  const rows = hopNames.flatMap((name) => {
    const hop = hops[name];
    if (hop === undefined || hop.count === 0) return [];
    const times = [hop.p50Ms, hop.p90Ms, hop.p99Ms, hop.p999Ms, hop.maxMs].map(spokenMs);
    return [[hopTitles[name], spokenCount(hop.count), ...times]];
  });
  return table(['', 'count', 'p50', 'p90', 'p99', 'p999', 'max'], rows);
}

/** Returns the table of messages expected, received and lost; `missing` is the heading of the lost ones. */
export function ledgerTable(ledger: Bundle['ledger'], missing = 'lost'): string {
  const rows = accountNames.map((name) => {
    const { expected, received, lost, unsent = 0, duplicated, reordered } = ledger[name];
    return [name, ...[expected, received, lost, unsent, duplicated, reordered].map(spokenCount)];
  });
  return table(['', 'expected', 'received', missing, 'unsent', 'duplicated', 'reordered'], rows);
}

/** Returns the table of errors. */
export function errorTable(errors: Bundle['errors']): string {
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
    ['assertion', 'holds', 'actual'],
    assertions.map((assertion) => [
      wide(assertion.text),
      assertion.ok === null ? 'not asked' : assertion.ok ? 'yes' : { text: 'no', kind: 'bad' },
      spokenActual(assertion),
    ]),
  );
}

/** Counts by name. */
export function counterTable(counters: Readonly<Record<string, number>>): string {
  return table(
    ['', 'count'],
    Object.entries(counters).map(([name, count]) => [name, spokenCount(count)]),
  );
}

/** Returns the table of the latest events. */
export function eventTable(events: readonly RecentEvent[]): string {
  return table(
    ['at', 'device', 'what'],
    events.map(({ atMs, device, text }) => [spokenMs(atMs), wide(device), wide(text)]),
  );
}
