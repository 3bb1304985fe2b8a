import { largest } from '../../../protocol/notation/extent.ts';
import { hopNames, type Bundle, type HopName, type Point } from '../../measure/bundle.ts';
import { percentileOf } from '../../measure/classes.ts';
import { Samples } from '../../measure/samples.ts';
import { joinedPoints } from '../../measure/timeline.ts';
import { parseAssertion } from '../assertions.ts';
import { spokenCount, spokenMs, spokenValue } from '../numbers.ts';
import type { Axis } from './axis.ts';
import { drawn, type Curve, type Limit } from './chart.ts';

/** The most steps: more cannot be told apart, or pointed at. */
const mostSteps = 120;

type ChartTimeline = Bundle['timeline'];

const seconds: Axis = {
  label: 'time',
  text: (value) => (value === 0 ? '0 s' : spokenMs(value * 1000)),
  kind: 'seconds',
};
const latency: Axis = { label: '', text: spokenMs, tick: powerOfMs, kind: 'log' };
const perSecond: Axis = { label: '', text: (value) => spokenCount(Number(value.toPrecision(3))), kind: 'linear' };
const things: Axis = { label: '', text: spokenCount, kind: 'whole' };

/** Returns a power of ten in ms as a short text: an axis has no room for `1 min 40 s`. */
function powerOfMs(ms: number): string {
  return ms < 60_000 ? spokenMs(ms) : `${spokenCount(ms / 1000)} s`;
}

/** Returns a run's charts over time that are not empty, with the asserted limits. */
export function timeCharts(whole: ChartTimeline, assertions: readonly string[]): string[] {
  const timeline = shortened(whole);
  const stepSeconds = timeline.everyMs / 1000;
  const over = (name: string, of: (point: Point) => number | null): Curve => ({
    name,
    points: timeline.points.map((point, index) => [index * stepSeconds, of(point)] as const),
  });
  const rate = (name: 'sent' | 'received' | 'errors') => over(name, (point) => point[name] / stepSeconds);
  const limitsOf = (...names: string[]) => limits(assertions, (name) => names.includes(name));
  const charts = [
    latencyOverTime(timeline, over, assertions),
    drawn({
      id: 'rates',
      title: 'Messages per second',
      curves: [rate('sent'), rate('received')],
      limits: limitsOf('sent.rate', 'received.rate'),
      x: seconds,
      y: perSecond,
    }),
    drawn({
      id: 'connected',
      title: timeline.points.some(({ inFlight }) => inFlight > 0)
        ? 'Devices connected, requests in flight'
        : 'Devices connected',
      curves: [over('connected', ({ connected }) => connected), over('in flight', ({ inFlight }) => inFlight)],
      x: seconds,
      y: things,
    }),
    drawn({
      id: 'errors',
      title: 'Errors per second',
      curves: [rate('errors')],
      limits: limitsOf('errors.rate'),
      x: seconds,
      y: perSecond,
    }),
  ];
  return charts.filter((chart) => chart !== '');
}

function latencyOverTime(
  timeline: ChartTimeline,
  over: (name: string, of: (point: Point) => number | null) => Curve,
  assertions: readonly string[],
): string {
  const hop = mainHop((name) => timeline.points.some(({ latencies }) => latencies[name] !== undefined));
  const curves = [50, 99].map((percentile) =>
    over(`p${percentile}`, ({ latencies }) => percentileOf(latencies[hop] ?? {}, percentile) ?? null),
  );
  return drawn({
    id: 'latency',
    title: `${hop} over time`,
    curves,
    limits: limits(assertions, (name) => name.startsWith(`${hop}.`)),
    x: seconds,
    y: latency,
  });
}

/** Returns the limits that assertions set for the numbers of a chart. */
function limits(assertions: readonly string[], isShown: (name: string) => boolean): Limit[] {
  return assertions.flatMap((text) => {
    const assertion = parseAssertion(text);
    if (typeof assertion === 'string') return [];
    const { metric, operator, value } = assertion;
    if (metric.unit === 'count' || metric.unit === 'share' || !isShown(metric.name)) return [];
    return [{ text: `${metric.name} ${operator} ${spokenValue(value, metric.unit)}`, value }];
  });
}

/** Returns the hop that says most about a run. */
export function mainHop(isThere: (name: HopName) => boolean): HopName {
  const wanted: readonly HopName[] = ['command.total', 'command.handled', 'notification.accepted', 'update.accepted'];
  return wanted.find(isThere) ?? 'connect';
}

/** Percentiles by the number of nines: 90 % lies at 1, 99 % at 2. */
const percentiles = [0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];

/** Returns the chart of latency by percentile, for all hops of conversations. */
export function percentileChart(hops: Bundle['hops'], assertions: readonly string[]): string {
  const names = hopNames.filter((name) => name !== 'loop.delay' && name !== 'send.lag');
  const curves = names.flatMap((name): Curve[] => {
    const hop = hops[name];
    if (hop === undefined || hop.count === 0) return [];
    const samples = Samples.decode(hop.histogram);
    const telling = percentiles.filter((percentile) => hop.count >= 1 / (1 - percentile / 100) || percentile <= 50);
    return [{ name, points: telling.map((value) => [nines(value), samples.percentileMs(value)]) }];
  });
  const last = largest(
    curves.flatMap(({ points }) => points.map(([at]) => at)),
    1,
  );
  const ticks = [50, 90, 99, 99.9, 99.99].map(nines).filter((at) => at <= last);
  return drawn({
    id: 'percentiles',
    title: 'Latency by percentile',
    curves,
    limits: limits(assertions, (name) => names.some((hop) => name.startsWith(`${hop}.`))),
    x: { label: 'percentile', text: spokenPercentile, kind: 'linear', ticks },
    y: latency,
  });
}

function nines(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

/** Returns the name of a percentile in assertions: `p999`. */
function spokenPercentile(at: number): string {
  const percentile = percentiles.find((one) => Math.abs(nines(one) - at) < 1e-9) ?? '';
  return percentile === 0 ? 'min' : `p${String(percentile).replace('.', '')}`;
}

function shortened(timeline: ChartTimeline): ChartTimeline {
  const count = Math.ceil(timeline.points.length / mostSteps);
  return count <= 1 ? timeline : { everyMs: timeline.everyMs * count, points: joinedPoints(timeline.points, count) };
}
