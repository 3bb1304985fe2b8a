import type { Bundle } from '../../measure/bundle.ts';
import type { Snapshot } from '../../measure/snapshot.ts';
import { timeCharts } from './charts.ts';
import { spokenCount, spokenMs } from '../numbers.ts';
import { document, generatorNote, tileList } from './page.ts';
import { errorTable, eventTable, ledgerTable } from './tables.ts';

/** The page's script: shows each update the server sends, and says when the run is over. */
export const dashboardScript = `
const live = document.getElementById('live'), state = document.getElementById('state');
const events = new EventSource('/events');
events.onmessage = (event) => { live.innerHTML = JSON.parse(event.data); state.textContent = 'running'; state.className = 'verdict running'; };
const over = () => { events.close(); state.textContent = 'over'; state.className = 'verdict soft'; };
events.addEventListener('end', over);
events.onerror = () => { if (events.readyState === EventSource.CLOSED) over(); else { state.textContent = 'not connected'; state.className = 'verdict bad'; } };
`;

/** The page of a run that goes on, with what is known already. */
export function dashboardPage(content: string): string {
  return document(
    'Simulation',
    `<h1>Simulation</h1>
<p><span id="state" class="verdict running" role="status">running</span></p>
<div id="live">${content}</div>
<script>${dashboardScript}</script>`,
  );
}

/** How the run stands, as markup. */
export function dashboardContent(snapshot: Snapshot | undefined, timeline: Bundle['timeline']): string {
  if (snapshot === undefined) return '<p class="none">nothing is measured yet</p>';
  const { atMs, devices, connected, inFlight, counters, lastTick, ledger } = snapshot;
  const lost = ledger.commands.lost + ledger.notifications.lost + ledger.updates.lost;
  const figures = tileList([
    ['since the start', spokenMs(atMs)],
    [`of ${spokenCount(devices)} connected`, spokenCount(connected)],
    ['sent in the last second', spokenCount(lastTick?.sent ?? 0)],
    ['in flight', spokenCount(inFlight)],
    ['on their way or lost', spokenCount(lost)],
    ['errors', spokenCount(counters['errors'] ?? 0)],
  ]);
  return `${generatorNote(snapshot.generator)}${figures}
<div class="charts" style="margin-top:14px">${timeCharts(timeline).join('\n')}</div>
<h2>Ledger</h2>${ledgerTable(ledger, 'on their way or lost')}
<h2>Errors</h2>${errorTable([...snapshot.errors])}
<h2>Last events</h2>${eventTable(snapshot.recent)}`;
}
