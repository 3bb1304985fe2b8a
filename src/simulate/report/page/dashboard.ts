import type { Bundle } from '../../measure/bundle.ts';
import type { Snapshot } from '../../measure/snapshot.ts';
import { disconnectsOf } from '../metrics.ts';
import { spokenCount, spokenMs, spokenRate } from '../numbers.ts';
import { measuredSoFar, standings } from '../standings.ts';
import { timeCharts } from './charts.ts';
import { escapeMarkup } from './escape.ts';
import { chartList, document, runTitle, page, tileList, trouble, type Tile } from './page.ts';
import { errorTable, eventTable, hopTable, ledgerTable, standingTable } from './tables.ts';

/** The facts about a run that are known before it begins. */
export interface RunOutline {
  /** The plan's file, without its folder. */
  readonly planName: string | undefined;
  readonly url: string;
  readonly devices: number;
  /** The planned length; undefined for a run without an end. */
  readonly plannedMs: number | undefined;
  readonly assertions: readonly string[];
}

/**
 * The page's script: it shows each update from the server, keeps the focus, and at the end shows the report, with a
 * link to it that needs no server any more.
 */
export const dashboardScript = `
const part = (id) => document.getElementById(id);
const state = (text, kind) => { part('state').textContent = text; part('state').className = 'verdict ' + kind; };
const events = new EventSource('/events');
events.onmessage = (event) => {
  const focused = document.activeElement?.id;
  part('live').innerHTML = JSON.parse(event.data);
  if (focused) part(focused)?.focus({ preventScroll: true });
  state('running', 'running');
};
events.addEventListener('end', (event) => {
  events.close();
  const { report } = JSON.parse(event.data);
  if (report === undefined) return state('over', 'soft');
  const whole = new DOMParser().parseFromString(report, 'text/html');
  document.title = whole.title;
  part('run').innerHTML = whole.querySelector('main').innerHTML;
  part('report').href = URL.createObjectURL(new Blob([report], { type: 'text/html' }));
  part('link').hidden = false;
  part('run').querySelector('.reasons').after(part('link'));
});
events.onerror = () => state(events.readyState === EventSource.CLOSED ? 'over' : 'not connected', 'bad');
`;

/** Returns the page of a running simulation, with the content known so far. */
export function dashboardPage(outline: RunOutline, content: string): string {
  const name = runTitle(outline);
  return document(
    `running: ${name}`,
    `<div id="run" aria-live="off"><h1><span id="state" class="verdict running" role="status">running</span> ${escapeMarkup(name)}</h1>
<p class="soft">${escapeMarkup(outline.url)}</p>
<div id="live">${content}</div></div>
<p id="link" hidden><a id="report" target="_blank">The report of this run</a> stays readable here as long as this page is open.</p>
<script>${dashboardScript}</script>`,
  );
}

/** Returns the last message to the page as JSON: the report that replaces the live view. */
export function dashboardEnd(bundle: Bundle | undefined): string {
  return JSON.stringify(bundle === undefined ? {} : { report: page(bundle) });
}

/** Returns the state of the run as markup. */
export function dashboardContent(
  outline: RunOutline,
  snapshot: Snapshot | undefined,
  timeline: Bundle['timeline'],
): string {
  if (snapshot === undefined) return '<p class="none">nothing is measured yet</p>';
  const { assertions } = outline;
  const { ledger, errors, recent, startedAtMs, generator } = snapshot;
  return `${progress(outline, snapshot)}
${generator.reasons.map((reason) => `<p class="FAILED">not to be trusted: ${escapeMarkup(reason)}</p>`).join('')}
${assertions.length === 0 ? '' : `<h2>Assertions</h2>${standingTable(standings(assertions, snapshot))}`}
${tileList(tiles(snapshot))}
${chartList(timeCharts(timeline, assertions))}
<h2>Latency</h2>${hopTable(measuredSoFar(snapshot).hops)}
<h2>Ledger</h2>${ledgerTable(ledger, true)}
<h2>Errors</h2>${errorTable(errors)}
<h2>Last events</h2>${eventTable(recent, startedAtMs)}`;
}

function progress({ plannedMs }: RunOutline, { atMs }: Snapshot): string {
  if (plannedMs === undefined) return `<p>${spokenMs(atMs)}, until it is stopped</p>`;
  const doneMs = Math.min(atMs, plannedMs);
  return `<p>${spokenMs(doneMs)} of ${spokenMs(plannedMs)}</p><progress max="${plannedMs}" value="${doneMs}" aria-label="time done"></progress>`;
}

function tiles(snapshot: Snapshot): Tile[] {
  const { devices, connected, inFlight, counters, lastTick } = snapshot;
  const { planned, unplanned } = disconnectsOf(counters);
  return [
    [`of ${spokenCount(devices)} connected`, spokenCount(connected)],
    ['sent in the last second', spokenRate(lastTick?.sent ?? 0)],
    ['in flight', spokenCount(inFlight)],
    ...trouble(measuredSoFar(snapshot)).map((tile): Tile =>
      tile[0] === 'lost' ? ['on their way or lost', tile[1]] : tile,
    ),
    [
      planned === 0 ? 'disconnects' : `disconnects, besides ${spokenCount(planned)} as planned`,
      spokenCount(unplanned),
      unplanned > 0 ? 'bad' : undefined,
    ],
  ];
}
