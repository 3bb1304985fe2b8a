import { accountNames, type Bundle } from '../../measure/bundle.ts';
import { percentileChart, mainHop, timeCharts } from './charts.ts';
import { escapeMarkup } from './escape.ts';
import { spokenCount, spokenDevices, spokenMs, spokenRate } from '../numbers.ts';
import { style } from './style.ts';
import { assertionTable, counterTable, errorTable, hopTable, ledgerTable } from './tables.ts';

/** The wording of each verdict. */
const verdicts: Readonly<Record<Bundle['outcome'], string>> = {
  ok: 'ok',
  assertion: 'an assertion does not hold',
  generator: 'not to be trusted',
};

/** A result as one page that needs nothing else: no script, no network, no outward link. */
export function page(bundle: Bundle): string {
  const { outcome, url, startedAt, durationMs, command, shards, shardCount } = bundle;
  const part = shards.length === shardCount ? '' : ` Shards ${shards.join(', ')} of ${shardCount} only.`;
  return document(
    `Simulation of ${spokenDevices(bundle.devices)}`,
    `<h1>Simulation of ${spokenDevices(bundle.devices)}</h1>
<p><span class="verdict ${outcome}">${verdicts[outcome]}</span></p>
<p class="soft">${escapeMarkup(`${url}, ${startedAt}, ${spokenMs(durationMs)}, seed ${bundle.seed}.${part}`)}</p>
${generatorNote(bundle.generator)}
${tiles(bundle)}
<div class="charts" style="margin-top:14px">${[...timeCharts(bundle.timeline), percentileChart(bundle.hops)].join('\n')}</div>
<h2>Latency</h2>${hopTable(bundle.hops)}
<h2>Ledger</h2>${ledgerTable(bundle.ledger)}
<h2>Assertions</h2>${assertionTable(bundle.assertions)}
<h2>Errors</h2>${errorTable(bundle.errors)}
<h2>Counters</h2>${counterTable(bundle.counters)}
<h2>Run it again</h2><p><code>${escapeMarkup(command)}</code></p>`,
  );
}

/** A page around this content, which is markup. */
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

/** Returns why the figures are not to be trusted, or an empty text. */
export function generatorNote({ saturated, reasons }: Bundle['generator']): string {
  return saturated
    ? `<p class="generator">The load generator was saturated: ${escapeMarkup(reasons.join('; '))}.</p>`
    : '';
}

function tiles(bundle: Bundle): string {
  const { hops, ledger, counters, durationMs } = bundle;
  const hop = mainHop((name) => (hops[name]?.count ?? 0) > 0);
  const total = (fate: 'lost' | 'unsent') => accountNames.reduce((sum, name) => sum + (ledger[name][fate] ?? 0), 0);
  const perSecond = durationMs === 0 ? 0 : ((counters['sent'] ?? 0) / durationMs) * 1000;
  return tileList([
    ['devices', spokenCount(bundle.devices)],
    ['sent', spokenRate(perSecond)],
    [`${hop} p50`, spokenMs(hops[hop]?.p50Ms ?? 0)],
    [`${hop} p99`, spokenMs(hops[hop]?.p99Ms ?? 0)],
    ['lost', spokenCount(total('lost'))],
    ['unsent', spokenCount(total('unsent'))],
    ['errors', spokenCount(counters['errors'] ?? 0)],
  ]);
}

/** Figures at a glance. */
export function tileList(figures: readonly (readonly [string, string])[]): string {
  const items = figures.map(
    ([name, value]) => `<li><b>${escapeMarkup(value)}</b><span>${escapeMarkup(name)}</span></li>`,
  );
  return `<ul class="tiles">${items.join('')}</ul>`;
}
