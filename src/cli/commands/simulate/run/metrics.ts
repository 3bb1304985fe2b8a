import { Counter, Gauge, Registry } from 'prom-client';
import { addClasses, percentileOf, accountNames, type Classes, type Snapshot } from '../../../../simulate/index.ts';
import { messageOf } from '../../../../errors.ts';
import type { Io } from '../../../terminal/io.ts';
import { servePages, type PagePlace } from './localPage.ts';
import { isNewTick, type RunObserver } from './observers.ts';

const prefix = 'devicehive_simulation';

/** The run as Prometheus reads it, at /metrics. */
export async function openMetrics(place: PagePlace, io: Io): Promise<RunObserver> {
  const run = new MeasuredRun();
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
  return { update: (snapshot) => run.update(snapshot), finish: () => pages.close() };
}

/** The measurements so far. */
class MeasuredRun {
  latest: Snapshot | undefined;
  /** All samples since the start, by hop. */
  readonly latencies = new Map<string, Classes>();

  update(snapshot: Snapshot): void {
    const isNews = isNewTick(snapshot, this.latest);
    this.latest = snapshot;
    if (!isNews) return;
    for (const [hop, classes] of Object.entries(snapshot.lastTick?.latencies ?? {})) {
      let all = this.latencies.get(hop);
      if (all === undefined) this.latencies.set(hop, (all = {}));
      addClasses(all, classes);
    }
  }
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
  addCounters(run, registers);
  addLatencies(run, registers);
  return registry;
}

function addCounters(run: MeasuredRun, registers: Registry[]): void {
  new Counter({
    name: `${prefix}_events_total`,
    help: 'What was counted, by name.',
    labelNames: ['event'],
    registers,
    collect() {
      this.reset();
      for (const [event, count] of Object.entries(run.latest?.counters ?? {})) this.inc({ event }, count);
    },
  });
  new Gauge({
    name: `${prefix}_ledger`,
    help: 'Commands, notifications and updates: expected, received, lost (or on their way), unsent, duplicated, reordered.',
    labelNames: ['kind', 'fate'],
    registers,
    collect() {
      for (const kind of accountNames) {
        for (const [fate, count] of Object.entries(run.latest?.ledger[kind] ?? {})) this.set({ kind, fate }, count);
      }
    },
  });
}

const quantiles = [0.5, 0.9, 0.99, 0.999];

function addLatencies(run: MeasuredRun, registers: Registry[]): void {
  new Gauge({
    name: `${prefix}_latency_seconds`,
    help: 'Latency since the start of the run, by part of the conversation; at most 9.1 % above the sample.',
    labelNames: ['hop', 'quantile'],
    registers,
    collect() {
      for (const [hop, classes] of run.latencies) {
        for (const quantile of quantiles) {
          this.set({ hop, quantile: String(quantile) }, (percentileOf(classes, quantile * 100) ?? 0) / 1000);
        }
      }
    },
  });
}
