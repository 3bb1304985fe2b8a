import { Counter, Gauge, Registry } from 'prom-client';
import {
  accountNames,
  answersOf,
  counterNames,
  counterTitles,
  hopNames,
  hopTitles,
  measuredSoFar,
  percentileOf,
  shareUnanswered,
  standings,
  type RunOutline,
  type Snapshot,
} from '../../../../simulate/index.ts';
import { messageOf } from '../../../../errors.ts';
import type { Io } from '../../../terminal/io.ts';
import { servePages, type PagePlace } from './localPage.ts';
import type { RunObserver } from './runObserver.ts';

const prefix = 'devicehive_simulation';

/** Serves the run's measurements to Prometheus, at /metrics. */
export async function openMetrics(place: PagePlace, outline: RunOutline, io: Io): Promise<RunObserver> {
  const run: MeasuredRun = { outline, latest: undefined };
  const registry = registryOf(run);
  const pages = await servePages(
    place,
    {
      '/metrics': (_request, response) => {
        registry.metrics().then(
          (text) => {
            response.writeHead(200, { 'Content-Type': registry.contentType });
            response.end(text);
          },
          (error: unknown) => {
            response.writeHead(500, { 'Content-Type': 'text/plain' });
            response.end(`${messageOf(error)}\n`);
          },
        );
      },
    },
    '--metrics',
  );
  io.note(`metrics: ${pages.url}/metrics`);
  return { update: (snapshot) => void (run.latest = snapshot), finish: () => pages.close() };
}

/** The measurements so far. */
interface MeasuredRun {
  readonly outline: RunOutline;
  latest: Snapshot | undefined;
}

function registryOf(run: MeasuredRun): Registry {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, of: (snapshot: Snapshot) => number) =>
    new Gauge({
      name: `${prefix}_${name}`,
      help,
      registers,
      collect() {
        if (run.latest !== undefined) this.set(of(run.latest));
      },
    });
  gauge('devices', 'Devices of the run.', ({ devices }) => devices);
  gauge('devices_connected', 'Devices that are connected.', ({ connected }) => connected);
  gauge('requests_in_flight', 'Requests without a reply.', ({ inFlight }) => inFlight);
  gauge('seconds', 'Seconds since the start of the run.', ({ atMs }) => atMs / 1000);
  gauge('generator_saturated', '1 where the load generator did not keep up.', ({ generator }) =>
    Number(generator.saturated),
  );
  gauge(
    'unanswered_share',
    'Share of commands without an answer in time, 0 to 1: unanswered.share of assertions.',
    (snapshot) => shareUnanswered(answersOf(measuredSoFar(snapshot))) ?? 0,
  );
  addAssertions(run, registers);
  addCounters(run, registers);
  addLatencies(run, registers);
  return registry;
}

/** Adds a gauge for each assertion: 1 if it holds so far, 0 if not. */
function addAssertions(run: MeasuredRun, registers: Registry[]): void {
  new Gauge({
    name: `${prefix}_assertion_holds`,
    help: '1 where an assertion of the plan holds so far.',
    labelNames: ['assertion'],
    registers,
    collect() {
      if (run.latest === undefined) return;
      for (const { text, state } of standings(run.outline.assertions, run.latest))
        this.set({ assertion: text }, Number(state === 'holds'));
    },
  });
}

function addCounters(run: MeasuredRun, registers: Registry[]): void {
  new Counter({
    name: `${prefix}_events_total`,
    help: `What was counted, by the names of assertions. ${counterHelp}.`,
    labelNames: ['event'],
    registers,
    collect() {
      this.reset();
      for (const [event, count] of Object.entries(run.latest?.counters ?? {})) this.inc({ event }, count);
    },
  });
  new Gauge({
    name: `${prefix}_ledger`,
    help: 'Commands, notifications and updates: commands.lost of assertions is kind commands, fate lost (or on its way).',
    labelNames: ['kind', 'fate'],
    registers,
    collect() {
      for (const kind of accountNames) {
        for (const [fate, count] of Object.entries(run.latest?.ledger[kind] ?? {})) this.set({ kind, fate }, count);
      }
    },
  });
}

const hopHelp = hopNames.map((name) => `${name}: ${hopTitles[name]}`).join('; ');
const counterHelp = counterNames.map((name) => `${name}: ${counterTitles[name]}`).join('; ');

const quantiles = [0.5, 0.9, 0.99, 0.999];

function addLatencies(run: MeasuredRun, registers: Registry[]): void {
  new Gauge({
    name: `${prefix}_latency_seconds`,
    help: `Latency since the start of the run; command.total.p99 of assertions is that of hop command.total and quantile 0.99. At most 9.1 % above the sample. ${hopHelp}.`,
    labelNames: ['hop', 'quantile'],
    registers,
    collect() {
      for (const [hop, classes] of Object.entries(run.latest?.latencies ?? {})) {
        for (const quantile of quantiles) {
          this.set({ hop, quantile: String(quantile) }, (percentileOf(classes, quantile * 100) ?? 0) / 1000);
        }
      }
    },
  });
}
