import { Chalk, type ChalkInstance } from 'chalk';
import { createLogUpdate } from 'log-update';
import {
  accountNames,
  hopNames,
  percentileOf,
  spokenCount,
  spokenDevices,
  spokenMs,
  type Snapshot,
} from '../../../../simulate/index.ts';
import { colorLevel } from '../../../printing/color.ts';
import { safeLine } from '../../../terminal/safeText.ts';
import { columns } from '../../results/columns.ts';
import type { ObserverValues, RunObserver } from './observers.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

/** Where a view is drawn. */
export type ViewScreen = NodeJS.WritableStream & { readonly columns: number; readonly rows: number };

/**
 * One view of the run on stderr, redrawn in place. Other lines printed meanwhile appear above it; it disappears at the
 * end, before the summary.
 */
export function liveView(context: FlagContext<ObserverValues>, screen: ViewScreen = process.stderr): RunObserver {
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
      view = fitting(viewLines(snapshot, screen.columns, chalk), screen.rows).join('\n');
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

/** Drops lines from the end if the terminal is too low: the last ones matter least. One row is the cursor's. */
function fitting(lines: readonly string[], rows: number): readonly string[] {
  return lines.slice(0, Math.max(rows - 1, 1));
}

/** Returns the lines of the view; none is wider than the terminal. */
export function viewLines(snapshot: Snapshot, width: number, chalk: ChalkInstance): string[] {
  const { atMs, devices, connected, inFlight, lastTick, generator } = snapshot;
  const lines = [
    `${spokenMs(atMs)}   ${spokenCount(connected)} of ${spokenDevices(devices)} connected   ${spokenCount(inFlight)} in flight`,
    `${spokenCount(lastTick?.sent ?? 0)} sent/s   ${spokenCount(lastTick?.received ?? 0)} received/s   ${spokenCount(lastTick?.errors ?? 0)} errors/s`,
    ...latencyLines(lastTick, width),
    ...ledgerLines(snapshot),
  ].map((line) => cut(line, width));
  const reasons = generator.reasons.map((reason) => chalk.yellow(cut(`not to be trusted: ${reason}`, width)));
  const errors = snapshot.errors.slice(0, 3).map(({ count, kind, code, text }) => {
    return chalk.red(
      cut(`${spokenCount(count)} × ${kind}${code === null ? '' : ` ${code}`}: ${safeLine(text)}`, width),
    );
  });
  const events = snapshot.recent.slice(0, 5).map(({ atMs: when, device, text }) => {
    return chalk.dim(cut(`${spokenMs(when)}  ${safeLine(device)}  ${safeLine(text)}`, width));
  });
  return [...lines, ...reasons, ...errors, ...events];
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

function ledgerLines({ ledger }: Snapshot): string[] {
  return accountNames
    .filter((name) => ledger[name].expected + ledger[name].received > 0)
    .map((name) => {
      const { expected, received, duplicated } = ledger[name];
      return `${name}: ${spokenCount(received)} of ${spokenCount(expected)}${duplicated === 0 ? '' : `, ${spokenCount(duplicated)} twice`}`;
    });
}

function cut(line: string, width: number): string {
  return line.length < width ? line : `${line.slice(0, Math.max(width - 2, 0))}…`;
}
