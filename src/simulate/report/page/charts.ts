import { hopNames, hopTitles, type Bundle, type HopName, type Point } from '../../measure/bundle.ts';
import { percentileOf } from '../../measure/classes.ts';
import { Samples } from '../../measure/samples.ts';
import { joinedPoints } from '../../measure/timeline.ts';
import { drawn, type Axis, type Curve } from './chart.ts';
import { spokenCount, spokenMs } from '../numbers.ts';

/** More steps than this no eye can tell apart. */
const mostSteps = 180;

type ChartTimeline = Bundle['timeline'];

/** The run over time: latency, rates, connections, errors. */
export function timeCharts(whole: ChartTimeline): string[] {
  const timeline = shortened(whole);
  const seconds = timeline.everyMs / 1000;
  const over = (name: string, of: (point: Point) => number | null): Curve => ({
    name,
    points: timeline.points.map((point, index) => [index * seconds, of(point)] as const),
  });
  const x: Axis = { label: 'seconds', text: spokenCount };
  const rate: Axis = { label: '', text: spokenCount };
  return [
    latencyOverTime(timeline, over, x),
    drawn({
      title: 'Messages per second',
      curves: [over('sent', ({ sent }) => sent / seconds), over('received', ({ received }) => received / seconds)],
      x,
      y: rate,
    }),
    drawn({
      title: 'Devices connected, requests in flight',
      curves: [over('connected', ({ connected }) => connected), over('in flight', ({ inFlight }) => inFlight)],
      x,
      y: rate,
    }),
    drawn({ title: 'Errors per second', curves: [over('errors', ({ errors }) => errors / seconds)], x, y: rate }),
  ];
}

function latencyOverTime(
  timeline: ChartTimeline,
  over: (name: string, of: (point: Point) => number | null) => Curve,
  x: Axis,
): string {
  const hop = mainHop((name) => timeline.points.some(({ latencies }) => latencies[name] !== undefined));
  const curves = [50, 99].map((percentile) =>
    over(`p${percentile}`, ({ latencies }) => percentileOf(latencies[hop] ?? {}, percentile) ?? null),
  );
  return drawn({ title: `Latency over time: ${hopTitles[hop]}`, curves, x, y: latencyAxis });
}

const latencyAxis: Axis = { label: '', text: spokenMs, isLogarithmic: true };

/** The hop that says most of a run. */
export function mainHop(isThere: (name: HopName) => boolean): HopName {
  const wanted: readonly HopName[] = ['command.total', 'command.handled', 'notification.accepted', 'update.accepted'];
  return wanted.find(isThere) ?? 'connect';
}

/** Percentiles by the number of nines: 90 % lies at 1, 99 % at 2. */
const percentiles = [0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];

/** Latency by percentile, for all hops of conversations. */
export function percentileChart(hops: Bundle['hops']): string {
  const curves = hopNames
    .filter((name) => name !== 'loop.delay' && name !== 'send.lag')
    .flatMap((name): Curve[] => {
      const hop = hops[name];
      if (hop === undefined || hop.count === 0) return [];
      const samples = Samples.decode(hop.histogram);
      const telling = percentiles.filter((percentile) => hop.count >= 1 / (1 - percentile / 100) || percentile <= 50);
      return [{ name: hopTitles[name], points: telling.map((value) => [nines(value), samples.percentileMs(value)]) }];
    });
  const ticks = [0, 50, 90, 99, 99.9, 99.99];
  const x: Axis = { label: 'percentile', text: (at) => spokenPercentile(ticks, at), ticks: ticks.map(nines) };
  return drawn({ title: 'Latency by percentile', curves, x, y: latencyAxis });
}

function nines(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

function spokenPercentile(ticks: readonly number[], at: number): string {
  return String(ticks.find((percentile) => Math.abs(nines(percentile) - at) < 1e-9) ?? '');
}

function shortened(timeline: ChartTimeline): ChartTimeline {
  const count = Math.ceil(timeline.points.length / mostSteps);
  return count <= 1 ? timeline : { everyMs: timeline.everyMs * count, points: joinedPoints(timeline.points, count) };
}
