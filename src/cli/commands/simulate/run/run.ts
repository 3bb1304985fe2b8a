import { Failure } from '../../../../errors.ts';
import {
  shardOf,
  wholeRun,
  judged,
  spokenCount,
  verdictOf,
  type Bundle,
  type Plan,
  type PlanFlags,
} from '../../../../simulate/index.ts';
import { removeReadyFile, writeReadyFile } from '../../../terminal/files.ts';
import type { Io } from '../../../terminal/io.ts';
import { longWait, whileBusy } from '../../../terminal/waiting/longWait.ts';
import { withOutput } from '../../../printing/output.ts';
import { again } from './again.ts';
import { observersOf, type ObserverValues } from './observers.ts';
import { openPlace, type PlayedServer } from '../server.ts';
import { playHere, type Finished, type Playing } from './playedPlan.ts';
import { readPlan } from '../readPlan.ts';
import { shortRamp, warnOfShortRamp } from '../shortRamp.ts';
import { watchModules, withUserErrors } from './userErrors.ts';
import { checkReportFiles, writeReports } from '../../results/reportFiles.ts';
import { readWholeNumber } from '../../../flags/wholeNumber.ts';
import { withoutUrlSecrets } from '../../../../protocol/urlSecrets.ts';
import { dangers } from '../../../flags/dangers.ts';
import { printBundle } from '../../results/summary.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

/** Flags of `simulate run`. */
export type RunValues = ObserverValues &
  PlanFlags & {
    readonly shard?: string;
    readonly shards?: string;
    readonly report?: readonly string[];
    readonly readyFile?: string;
    readonly cleanup?: boolean;
    readonly processes?: string;
    readonly manifest?: string;
  };

/** Limits for the drain at the end of a run, at least and at most, and after a signal; in ms. */
const leastDrainMs = 10_000;
const mostDrainMs = 30_000;
const hurriedDrainMs = 5000;
const updateMs = 1000;

const processRange = { least: 1, most: 999, hint: 'One for each core that may be used.' };

/** `devicehive simulate run`: plays a plan against a server, measures, judges. */
export async function simulateRun(file: string | undefined, given: FlagContext<RunValues>): Promise<void> {
  const { io, values } = given;
  if (process.send !== undefined && io.env['DEVICEHIVE_WORKER'] !== undefined) {
    return (await import('./worker.ts')).work(io);
  }
  if (values.manifest !== undefined) {
    return (await import('../manifest/manifest.ts')).simulateManifest(file, given);
  }
  removeReadyFile(values.readyFile);
  const context = await withOutput(given);
  checkReportFiles(values.report ?? []);
  const processes = readWholeNumber(values.processes ?? '1', '--processes', processRange);
  const shard = shardOf(values, io.env['JOB_COMPLETION_INDEX']);
  if (file === '-' && values.token === '-')
    throw new Failure('usage', 'stdin cannot be both the plan and the token', { hint: 'Use --token-file.' });
  const text = file === '-' ? await io.readStdin() : undefined;
  const { plan, digest, name } = await readPlan({ file, flags: values, text }, io);
  await using place = await openPlace(plan, context);
  tellPlace(place, io);
  warnOfShortRamp(plan, io);
  const { options, retries } = place;
  const playing =
    processes === 1
      ? await playHere({ plan, shard, part: wholeRun, options, retries })
      : await (
          await import('./processes.ts')
        ).playInProcesses({ plan, shard, file, text, values, place, processes }, io);
  const played = await play(playing, plan, place.url, context);
  const command = again(process.argv.slice(2), plan.seed, shard);
  const needsSamples = plan.load.forMs !== undefined || plan.assertions.length > 0;
  const { measured, startedAt, durationMs } = played;
  const bundle: Bundle = judged(
    {
      ...measured,
      command,
      plan: digest,
      ...(name === undefined ? {} : { planName: name }),
      url: withoutUrlSecrets(place.url),
      startedAt,
      durationMs,
    },
    plan.assertions,
    needsSamples,
  );
  const unwritten = await writeReports(bundle, values.report ?? []);
  await printBundle(bundle, context);
  if (unwritten !== undefined) throw unwritten;
  if (io.signal.aborted && durationMs < (plan.load.forMs ?? 0))
    throw new Failure('interrupted', 'the run was stopped before its end');
  const verdict = verdictOf(bundle);
  if (verdict !== undefined) throw verdict;
}

function tellPlace({ url, embedded, options }: PlayedServer, io: Io): void {
  if (embedded) io.note(`server: ${url} (embedded in this command)`);
  if (options.allowLarge === true) io.danger(dangers.large);
}

type Played = Finished & { readonly startedAt: string; readonly durationMs: number };

/** Plays to the end, or to a signal; closes connections and, if wanted, removes devices, whatever happens. */
async function play(playing: Playing, plan: Plan, url: string, context: FlagContext<RunValues>): Promise<Played> {
  const { io, values } = context;
  const observers = await observersOf(context);
  const update = () => {
    const snapshot = playing.snapshot();
    if (snapshot !== undefined) for (const observer of observers) observer.update(snapshot);
  };
  const timer = setInterval(update, updateMs);
  const onSignal = () => {
    io.note(`stopping: what is in flight has ${hurriedDrainMs / 1000} s to finish; a second Ctrl-C forces`);
    playing.stop();
    playing.hurry(hurriedDrainMs);
  };
  if (io.signal.aborted) onSignal();
  else io.signal.addEventListener('abort', onSignal, { once: true });
  const cleansUp = values.cleanup === true;
  // until the process ends: even if timers of a module throw then, devices are removed and reports written
  watchModules(plan, () => undefined);
  let left = 0;
  try {
    const { startedAtMs, durationMs } = await withUserErrors(plan, () => playToEnd(playing, plan, url, context));
    const drainMs = io.signal.aborted ? hurriedDrainMs : drainMsOf(plan);
    const finished = await longWait(io, `the run is over; what is in flight has ${drainMs / 1000} s to finish`, () =>
      playing.finish({ drainMs, cleansUp }),
    );
    ({ left } = finished);
    update();
    return { ...finished, startedAt: new Date(startedAtMs).toISOString(), durationMs };
  } catch (error) {
    left = await playing.finish({ drainMs: 0, cleansUp }).then(
      (finished) => finished.left,
      () => 0,
    );
    throw error;
  } finally {
    clearInterval(timer);
    io.signal.removeEventListener('abort', onSignal);
    for (const observer of observers) await observer.finish();
    if (left > 0) io.warn(`${left} devices that this run has made could not be removed`);
  }
}

async function playToEnd(
  playing: Playing,
  plan: Plan,
  url: string,
  { io, values: { readyFile } }: FlagContext<RunValues>,
): Promise<{ startedAtMs: number; durationMs: number }> {
  await whileBusy(io, 'registering the devices', () => playing.prepare());
  refuseInterrupted(io);
  const startedAtMs = playing.soonestMs();
  const startMs = performance.now() + startedAtMs - Date.now();
  await playing.begin(startedAtMs);
  if (playing.upCount < playing.deviceCount) tellMissing(playing, plan, io);
  else if (!io.signal.aborted) {
    if (readyFile !== undefined) writeReadyFile(readyFile, { url, devices: playing.deviceCount, pid: process.pid });
    tellReady(playing, plan, io);
  }
  await playing.over;
  const lastedMs = Math.max(performance.now() - startMs, 0);
  const durationMs = io.signal.aborted ? lastedMs : (plan.load.forMs ?? lastedMs);
  return { startedAtMs, durationMs: Math.round(durationMs) };
}

function refuseInterrupted({ signal }: Io): void {
  if (signal.aborted) throw new Failure('interrupted', 'stopped before all devices were up');
}

function tellReady({ deviceCount }: Playing, plan: Plan, io: Io): void {
  const devices = deviceCount === 1 ? '1 device is up' : `${deviceCount} devices are up`;
  io.note(plan.load.forMs === undefined ? `${devices}; Ctrl-C ends the run` : devices);
}

/** The run is over, and not all devices were up. */
function tellMissing({ deviceCount, upCount }: Playing, plan: Plan, io: Io): void {
  const why = io.signal.aborted
    ? 'the run was stopped before the others'
    : (shortRamp(plan) ?? 'it ended before the others');
  io.note(`${spokenCount(upCount)} of ${spokenCount(deviceCount)} devices were up: ${why}`);
}

/** Operators wait for their answers, but not for ever. */
function drainMsOf({ traffic }: Plan): number {
  return Math.min(Math.max(leastDrainMs, ...traffic.map(({ timeoutMs }) => timeoutMs + 1000)), mostDrainMs);
}
