import { line } from 'd3-shape';
import { scaleOf, ticksOf, type Axis, type Scale } from './axis.ts';
import { escapeMarkup } from './escape.ts';
import { curveColors } from './style.ts';

/** Points of a curve; null interrupts it. */
type Points = readonly (readonly [number, number | null])[];

/** One curve with its name. */
export interface Curve {
  readonly name: string;
  readonly points: Points;
}

/** A value that a curve should not cross. */
export interface Limit {
  readonly text: string;
  readonly value: number;
}

/** The lines and labels of a chart. */
export interface Chart {
  /** The chart's id within its page. */
  readonly id: string;
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly limits?: readonly Limit[];
  readonly x: Axis;
  readonly y: Axis;
}

const width = 380;
const height = 226;
const place = { left: 62, right: 358, top: 12, bottom: 186 } as const;

/** A chart with its scales, without empty curves. */
interface Drawing extends Chart {
  readonly limits: readonly Limit[];
  readonly scaleX: Scale;
  readonly scaleY: Scale;
}

/**
 * Returns a self-contained SVG picture: colours come from the style of the page, the legend has a key for each curve
 * and limit, and each value appears at the pointer and by keyboard. Empty if there is nothing to show.
 */
export function drawn(chart: Chart): string {
  const curves = chart.curves.filter(showsSomething);
  if (curves.length === 0) return '';
  const { limits = [] } = chart;
  const points = curves.flatMap((curve) => curve.points);
  const valuesX = points.map(([value]) => value);
  const valuesY = [
    ...points.flatMap(([, value]) => value ?? []),
    ...limits.flatMap(({ value }) => [value / 1.1, value * 1.1]),
  ];
  const drawing: Drawing = {
    ...chart,
    curves,
    limits,
    scaleX: scaleOf(chart.x, valuesX, [place.left, place.right]),
    scaleY: scaleOf(chart.y, valuesY, [place.bottom, place.top]),
  };
  const title = escapeMarkup(chart.title);
  return `<figure><figcaption>${title}</figcaption>
<div class="plot"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}: ${escapeMarkup(curves.map(({ name }) => name).join(', '))}">
${axisX(drawing)}${axisY(drawing)}${limits.map((limit) => limitLine(limit, drawing)).join('')}${curves.map((curve, index) => curveLine(curve, index, drawing)).join('')}
</svg>
${values(drawing)}</div>
${legend(drawing)}</figure>`;
}

/** True for a curve of at least two points that are not all 0. */
function showsSomething({ points }: Curve): boolean {
  return points.filter(([, y]) => y !== null).length > 1 && points.some(([, y]) => y !== null && y !== 0);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function axisX({ x, scaleX }: Drawing): string {
  const ticks = ticksOf(x, scaleX).map(
    (value) =>
      `<text class="tick" x="${rounded(scaleX(value))}" y="${place.bottom + 15}" text-anchor="middle">${escapeMarkup(x.text(value))}</text>`,
  );
  const label = `<text class="label" x="${place.right}" y="${height - 6}" text-anchor="end">${escapeMarkup(x.label)}</text>`;
  return `<line class="axis" x1="${place.left}" x2="${place.right}" y1="${place.bottom}" y2="${place.bottom}"/>${ticks.join('')}${label}`;
}

function axisY({ y, scaleY }: Drawing): string {
  return ticksOf(y, scaleY)
    .map((value) => {
      const at = rounded(scaleY(value));
      return `<line class="grid" x1="${place.left}" x2="${place.right}" y1="${at}" y2="${at}"/><text class="tick" x="${place.left - 6}" y="${at + 4}" text-anchor="end">${escapeMarkup((y.tick ?? y.text)(value))}</text>`;
    })
    .join('');
}

function limitLine({ text, value }: Limit, { scaleY }: Drawing): string {
  const at = rounded(scaleY(value));
  return `<line class="limit" x1="${place.left}" x2="${place.right}" y1="${at}" y2="${at}"><title>${escapeMarkup(text)}</title></line>`;
}

function curveLine({ name, points }: Curve, index: number, { scaleX, scaleY }: Drawing): string {
  const [lowest = 0] = scaleY.domain();
  const path = line<readonly [number, number | null]>()
    .defined(([, value]) => value !== null)
    .x(([value]) => rounded(scaleX(value)))
    .y(([, value]) => rounded(scaleY(Math.max(value ?? 0, lowest))));
  return `<path class="curve c${index % curveColors}" d="${path(points) ?? ''}"><title>${escapeMarkup(name)}</title></path>`;
}

/**
 * Returns the values at each place of the chart, shown at the pointer or by keyboard without a script: radio buttons
 * are one stop of the Tab key, and the arrow keys move among them.
 */
function values(drawing: Drawing): string {
  const { id, title, curves, scaleX } = drawing;
  const places = [...new Set(curves.flatMap(({ points }) => points.map(([x]) => x)))].sort((one, other) => one - other);
  const centers = places.map((x) => scaleX(x));
  const strips = places.map((x, index) => {
    const center = centers[index] ?? 0;
    const from = index === 0 ? place.left : ((centers[index - 1] ?? 0) + center) / 2;
    const to = index === places.length - 1 ? place.right : (center + (centers[index + 1] ?? 0)) / 2;
    const side = center > width / 2 ? ' class="left"' : '';
    return `<label${side} style="left:${percent(from)};width:${percent(to - from)}"><input type="radio" name="${id}" id="${id}-${index}"><span>${valueText(drawing, x)}</span></label>`;
  });
  return `<fieldset class="values"><legend>Values: ${escapeMarkup(title)}</legend>${strips.join('')}</fieldset>`;
}

function percent(length: number): string {
  return `${Math.round((length / width) * 10_000) / 100}%`;
}

function valueText({ curves, x: axisOfX, y }: Drawing, x: number): string {
  const lines = curves.flatMap(({ name, points }) => {
    const value = points.find(([at]) => at === x)?.[1] ?? null;
    return value === null ? [] : [`${escapeMarkup(name)} ${escapeMarkup(y.text(value))}`];
  });
  return [`<b>${escapeMarkup(axisOfX.text(x))}</b>`, ...lines].join('<br>');
}

function legend({ curves, limits }: Drawing): string {
  const names = curves.map(({ name }, index) => item(`curve c${index % curveColors}`, name));
  const wanted = limits.map(({ text }) => item('limit', text));
  return names.length + wanted.length < 2 ? '' : `<ul class="legend">${[...names, ...wanted].join('')}</ul>`;
}

/** Returns the legend's entry of a line, with a key that looks like the line. */
function item(kind: string, name: string): string {
  return `<li><svg class="key" viewBox="0 0 26 8" aria-hidden="true"><path class="${kind}" d="M1 4H25"/></svg>${escapeMarkup(name)}</li>`;
}
