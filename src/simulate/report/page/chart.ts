import { scaleLinear, scaleLog, type ScaleContinuousNumeric } from 'd3-scale';
import { line } from 'd3-shape';
import { escapeMarkup } from './escape.ts';
import { curveColors } from './style.ts';
import { largest, smallest } from '../../../protocol/notation/extent.ts';

/** Points of a curve; null interrupts it. */
type Points = readonly (readonly [number, number | null])[];

/** One curve with its name. */
export interface Curve {
  readonly name: string;
  readonly points: Points;
}

/** The lines and labels of a chart. */
export interface Chart {
  readonly title: string;
  readonly curves: readonly Curve[];
  /** How values on the axes are written. */
  readonly x: Axis;
  readonly y: Axis;
}

/** One axis: its own ticks where there are any, else such as fit. */
export interface Axis {
  readonly label: string;
  readonly text: (value: number) => string;
  readonly isLogarithmic?: boolean;
  readonly ticks?: readonly number[];
}

const width = 380;
const height = 226;
const place = { left: 52, right: 358, top: 10, bottom: 186 } as const;

type Scale = ScaleContinuousNumeric<number, number>;

/**
 * An SVG picture that needs nothing else: colours come from the style of the page, and each curve has a name in the
 * legend and in its title.
 */
export function drawn(chart: Chart): string {
  const drawable = chart.curves.filter(({ points }) => points.some(([, y]) => y !== null));
  if (drawable.length === 0)
    return `<figure><figcaption>${escapeMarkup(chart.title)}</figcaption><p class="none">nothing to show</p></figure>`;
  const all = drawable.flatMap(({ points }) => points);
  const x = scaleOf(
    chart.x,
    all.map(([value]) => value),
    [place.left, place.right],
  );
  const y = scaleOf(
    chart.y,
    all.flatMap(([, value]) => value ?? []),
    [place.bottom, place.top],
  );
  const path = line<readonly [number, number | null]>()
    .defined(([, value]) => value !== null)
    .x(([value]) => rounded(x(value)))
    .y(([, value]) => rounded(y(Math.max(value ?? 0, y.domain()[0] ?? 0))));
  const curves = drawable.map(
    ({ name, points }, index) =>
      `<path class="curve c${index % curveColors}" d="${path(points.length === 1 ? [...points, ...points] : points) ?? ''}"><title>${escapeMarkup(name)}</title></path>`,
  );
  return `<figure><figcaption>${escapeMarkup(chart.title)}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeMarkup(`${chart.title}: ${drawable.map(({ name }) => name).join(', ')}`)}">
${axisX(chart.x, x)}${axisY(chart.y, y)}${curves.join('')}
</svg>
${legend(drawable)}</figure>`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function scaleOf({ isLogarithmic, ticks }: Axis, values: readonly number[], range: [number, number]): Scale {
  const known = [...values, ...(ticks ?? [])];
  const [least, most] = [smallest(known), largest(known)];
  if (isLogarithmic === true) {
    const positive = known.filter((value) => value > 0);
    const low = smallest(positive, most > 0 ? most : 1);
    return scaleLog([low, Math.max(most, low * 10)], range).nice();
  }
  const domain: [number, number] = ticks === undefined ? [Math.min(least, 0), most <= 0 ? 1 : most] : [least, most];
  return ticks === undefined ? scaleLinear(domain, range).nice() : scaleLinear(domain, range);
}

function ticksOf({ isLogarithmic, ticks }: Axis, scale: Scale, count: number): readonly number[] {
  if (ticks !== undefined) return ticks;
  const found = scale.ticks(count);
  return isLogarithmic === true
    ? found.filter((value) => Number.isInteger(Math.round(Math.log10(value) * 1e9) / 1e9))
    : found;
}

function axisX(axis: Axis, scale: Scale): string {
  const ticks = ticksOf(axis, scale, 5).map((value) => {
    const at = rounded(scale(value));
    return `<text class="tick" x="${at}" y="${place.bottom + 15}" text-anchor="middle">${escapeMarkup(axis.text(value))}</text>`;
  });
  const label = `<text class="label" x="${place.right}" y="${height - 6}" text-anchor="end">${escapeMarkup(axis.label)}</text>`;
  return `<line class="axis" x1="${place.left}" x2="${place.right}" y1="${place.bottom}" y2="${place.bottom}"/>${ticks.join('')}${label}`;
}

function axisY(axis: Axis, scale: Scale): string {
  return ticksOf(axis, scale, 5)
    .map((value) => {
      const at = rounded(scale(value));
      return `<line class="grid" x1="${place.left}" x2="${place.right}" y1="${at}" y2="${at}"/><text class="tick" x="${place.left - 6}" y="${at + 4}" text-anchor="end">${escapeMarkup(axis.text(value))}</text>`;
    })
    .join('');
}

function legend(curves: readonly Curve[]): string {
  if (curves.length < 2) return '';
  const items = curves.map(
    ({ name }, index) => `<li><i class="c${index % curveColors}"></i>${escapeMarkup(name)}</li>`,
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}
