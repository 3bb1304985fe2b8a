import type { Bundle } from '../../measure/bundle.ts';
import { answersOf, metrics, shareUnanswered, type MeasuredPart } from '../metrics.ts';
import { spokenCount, spokenDevices, spokenMs, spokenRate, spokenShare } from '../numbers.ts';
import { remarksOf, spokenOutcome } from '../outcome.ts';
import { percentileChart, mainHop, timeCharts } from './charts.ts';
import { escapeMarkup } from './escape.ts';
import { style } from './style.ts';
import { assertionTable, counterTable, errorTable, hopTable, ledgerTable } from './tables.ts';

/** Returns a result as one self-contained page: no script, no network, no links to other sites. */
export function page(bundle: Bundle): string {
  const { url, startedAt, durationMs, command, shards, shardCount, devices } = bundle;
  const texts = bundle.assertions.map(({ text }) => text);
  const part = shards.length === shardCount ? '' : ` Shards ${shards.join(', ')} of ${shardCount} only.`;
  const facts = `${spokenDevices(devices)} on ${url}, ${startedAt.slice(0, 19).replace('T', ' ')} UTC, ${spokenMs(durationMs)}, seed ${bundle.seed}.${part}`;
  return document(
    titleOf(bundle),
    `${verdictMarkup(bundle)}
<p class="soft">${escapeMarkup(facts)}</p>
${bundle.assertions.length === 0 ? '' : `<h2>Assertions</h2>${assertionTable(bundle.assertions)}`}
${tiles(bundle)}
${chartList([...timeCharts(bundle.timeline, texts), percentileChart(bundle.hops, texts)])}
<h2>Latency</h2>${hopTable(bundle.hops)}
<h2>Ledger</h2>${ledgerTable(bundle.ledger)}
<h2>Errors</h2>${errorTable(bundle.errors)}
<h2>Counters</h2>${counterTable(bundle.counters)}
<h2>Run it again</h2><p><code>${escapeMarkup(command)}</code></p>`,
  );
}

/** Returns the title of a run: its plan's name, or its number of devices. */
export function runTitle({ planName, devices }: { planName?: string | undefined; devices: number }): string {
  return planName ?? `Simulation of ${spokenDevices(devices)}`;
}

/** Returns the title of a result's page, with how the run ended. */
function titleOf(bundle: Bundle): string {
  return `${spokenOutcome(bundle).word}: ${runTitle(bundle)}`;
}

/** Returns the head of a result's page: how the run ended, and why. */
function verdictMarkup(bundle: Bundle): string {
  const { word, reasons } = spokenOutcome(bundle);
  const items = [
    ...reasons.map((reason) => `<li class="${word}">${unbroken(reason)}</li>`),
    ...remarksOf(bundle).map((remark) => `<li>${unbroken(remark)}</li>`),
  ];
  return `<h1><span class="verdict ${word}">${word}</span> ${escapeMarkup(runTitle(bundle))}</h1>
<ul class="reasons">${items.join('')}</ul>`;
}

/** Keeps each number and its unit on one line. */
function unbroken(text: string): string {
  return escapeMarkup(text.replace(/(?<=\d) (?=(?:[µm]?s|min|h)\b|%)/g, '\u00a0'));
}

/** Returns a page around `content`, which is markup. */
export function document(title: string, content: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${head}
<title>${escapeMarkup(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
}

/** Returns charts beside each other; empty without charts. */
export function chartList(charts: readonly string[]): string {
  const shown = charts.filter((chart) => chart !== '');
  return shown.length === 0 ? '' : `<div class="charts">${shown.join('\n')}</div>`;
}

function tiles(bundle: Bundle): string {
  const { devices, devicesUp = devices, hops } = bundle;
  const hop = mainHop((name) => (hops[name]?.count ?? 0) > 0);
  const isTimed = (hops[hop]?.count ?? 0) > 0;
  const up: Tile = [`of ${spokenDevices(devices)} up`, spokenCount(devicesUp), 'bad'];
  return tileList([
    devicesUp < devices ? up : ['devices', spokenCount(devices)],
    ...(isTimed ? [tileOf(`${hop}.p50`, bundle), tileOf(`${hop}.p99`, bundle)] : []),
    ...trouble(bundle),
    tileOf('sent.rate', bundle),
  ]);
}

/** Returns tiles of the counts that should be 0; other numbers stand out. */
export function trouble(measured: MeasuredPart): Tile[] {
  const share = shareUnanswered(answersOf(measured));
  const unanswered: Tile[] =
    share === undefined ? [] : [['unanswered.share', spokenShare(share), share > 0 ? 'bad' : undefined]];
  return [...unanswered, ...['lost', 'unsent', 'errors'].map((name) => tileOf(name, measured, 'bad'))];
}

/** Returns the tile of a metric, by name. */
function tileOf(name: string, measured: MeasuredPart, kindIfAny?: 'bad'): Tile {
  const metric = metrics().find((one) => one.name === name);
  const value = metric?.of(measured) ?? 0;
  const text =
    metric?.unit === 'ms' ? spokenMs(value) : metric?.unit === 'rate' ? spokenRate(value) : spokenCount(value);
  return [name, text, value > 0 ? kindIfAny : undefined];
}

/** A figure: its name, its value, and whether it is bad. */
export type Tile = readonly [name: string, value: string, kind?: 'bad' | undefined];

/** Returns figures as a list of tiles. */
export function tileList(figures: readonly Tile[]): string {
  const items = figures.map(([name, value, kind]) => {
    const ofKind = kind === undefined ? '' : ` class="${kind}"`;
    return `<li${ofKind}><b>${escapeMarkup(value)}</b><span>${escapeMarkup(name).replaceAll('.', '.<wbr>')}</span></li>`;
  });
  return `<ul class="tiles">${items.join('')}</ul>`;
}
