import { Chalk, type ChalkInstance } from 'chalk';
import { createLogUpdate } from 'log-update';
import {
  accountNames,
  disconnectsOf,
  hopNames,
  percentileOf,
  spokenCount,
  spokenDevices,
  spokenMs,
  standings,
  timeOfDay,
  type RunOutline,
  type Snapshot,
  type Standing,
} from '../../../../simulate/index.ts';
import { colorLevel } from '../../../printing/color.ts';
import { safeLine } from '../../../terminal/safeText.ts';
import { fittingWords, wrapped } from '../../../terminal/wrapping.ts';
import { columns } from '../../results/columns.ts';
import type { ObserverValues, RunObserver } from './runObserver.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

/** The stream that a view is drawn on, with its size. */
export type ViewScreen = NodeJS.WritableStream & { readonly columns: number; readonly rows: number };

/**
 * Shows the run on stderr, redrawn in place. Other lines appear above the view; it disappears at the end, before the
 * summary.
 */
export function liveView(
  outline: RunOutline,
  context: FlagContext<ObserverValues>,
  screen: ViewScreen = process.stderr,
): RunObserver {
  const { io } = context;
  const chalk = new Chalk({ level: colorLevel(context, io.stderrIsTerminal) });
  const draw = createLogUpdate(screen, { showCursor: true });
  const { aside } = io;
  let view = '';
  let endMute = () => undefined as unknown;
  io.aside = (say) => {
    draw.clear();
    say();
    if (view !== '') draw(view);
  };
  return {
    update: (snapshot) => {
      if (view === '') endMute = io.busy(undefined);
      view = fitting(viewLines(outline, snapshot, screen.columns, chalk), screen.rows).join('\n');
      draw(view);
    },
    finish: () => {
      draw.clear();
      draw.done();
      endMute();
      if (aside === undefined) delete io.aside;
      else io.aside = aside;
      return Promise.resolve();
    },
  };
}

/** Drops the last lines, which matter least, if the terminal is too low. One row is the cursor's. */
function fitting(lines: readonly string[], rows: number): readonly string[] {
  return lines.slice(0, Math.max(rows - 1, 1));
}

/** Returns the lines of the view, none wider than the terminal. */
export function viewLines(outline: RunOutline, snapshot: Snapshot, width: number, chalk: ChalkInstance): string[] {
  const { generator, errors, recent, startedAtMs, lastTick } = snapshot;
  const head = flowed(
    [outline.planName ?? spokenDevices(outline.devices), `on ${outline.url}`].map(safeLine),
    ' ',
    width,
  );
  const events = recent.slice(0, 5).map(({ atMs, device, text }) => {
    return chalk.dim(cut(`${timeOfDay(startedAtMs + atMs)}  ${safeLine(device)}  ${safeLine(text)}`, width));
  });
  return [
    ...head.map((line) => chalk.bold(line)),
    ...stateLines(outline, snapshot).flatMap((parts) => flowed(parts, '   ', width)),
    ...generator.reasons.map((reason) => chalk.red(cut(`not to be trusted: ${reason}`, width))),
    ...standings(outline.assertions, snapshot).flatMap((standing) => standingLine(standing, width, chalk)),
    ...disconnectLines(snapshot, chalk, width),
    ...errors.slice(0, 3).map(({ count, kind, code, text }) => {
      const name = code === null ? kind : `${kind} ${code}`;
      return chalk.red(cut(`${spokenCount(count)} × ${name}: ${safeLine(text)}`, width));
    }),
    ...latencyLines(lastTick, width),
    ...ledgerLines(snapshot).map((line) => cut(line, width)),
    ...events,
  ];
}

function stateLines({ plannedMs }: RunOutline, { atMs, devices, connected, inFlight, lastTick }: Snapshot): string[][] {
  const done =
    plannedMs === undefined ? spokenMs(atMs) : `${spokenMs(Math.min(atMs, plannedMs))} of ${spokenMs(plannedMs)}`;
  return [
    [done, `${spokenCount(connected)} of ${spokenDevices(devices)} connected`, `${spokenCount(inFlight)} in flight`],
    [
      `${spokenCount(lastTick?.sent ?? 0)} sent/s`,
      `${spokenCount(lastTick?.received ?? 0)} received/s`,
      `${spokenCount(lastTick?.errors ?? 0)} errors/s`,
    ],
  ];
}

const standingTitles = { holds: 'holds so far', open: 'not yet', broken: 'does not hold' } as const;

function standingLine({ text, state, actual }: Standing, width: number, chalk: ChalkInstance): string[] {
  const paint = { holds: chalk.green, open: chalk.dim, broken: chalk.red }[state];
  const line = `${standingTitles[state]}  ${safeLine(text)} (${actual || 'no samples'})`;
  return wrapped(line, width - 1)
    .split('\n')
    .map((part) => paint(cut(part, width)));
}

/** Returns lines on lost connections: in yellow, and dimmed for those that the plan's faults cut. */
function disconnectLines({ counters }: Snapshot, chalk: ChalkInstance, width: number): string[] {
  const { planned, unplanned } = disconnectsOf(counters);
  return [
    ...(unplanned === 0 ? [] : [chalk.yellow(cut(`disconnects: ${spokenCount(unplanned)}`, width))]),
    ...(planned === 0 ? [] : [chalk.dim(cut(`disconnects as planned: ${spokenCount(planned)}`, width))]),
  ];
}

function latencyLines(lastTick: Snapshot['lastTick'], width: number): string[] {
  const rows = hopNames
    .filter((name) => name !== 'loop.delay' && name !== 'send.lag')
    .flatMap((name) => {
      const classes = lastTick?.latencies[name];
      if (classes === undefined) return [];
      return [[name, ...[50, 99].map((percentile) => spokenMs(percentileOf(classes, percentile) ?? 0))]];
    });
  return rows.length === 0 ? [] : columns([['', 'p50', 'p99'], ...rows], width - 1);
}

function ledgerLines({ ledger, counters }: Snapshot): string[] {
  const unanswered = counters['unanswered'] ?? 0;
  return accountNames
    .filter((name) => ledger[name].expected + ledger[name].received > 0)
    .map((name) => {
      const { expected, received, duplicated } = ledger[name];
      return [
        `${name}: ${spokenCount(received)} of ${spokenCount(expected)}`,
        ...(duplicated === 0 ? [] : [`${spokenCount(duplicated)} twice`]),
        ...(name === 'commands' && unanswered > 0 ? [`${spokenCount(unanswered)} unanswered`] : []),
      ].join(', ');
    });
}

/** Joins parts into as few lines as fit the width. */
function flowed(parts: readonly string[], between: string, width: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = `${lines.at(-1) ?? ''}${between}${part}`;
    if (lines.length > 0 && longer.length < width) lines[lines.length - 1] = longer;
    else lines.push(part);
  }
  return lines.map((line) => cut(line, width));
}

/** Cuts a line after the last whole word that fits. */
function cut(line: string, width: number): string {
  return fittingWords(line, Math.max(width - 1, 0));
}
