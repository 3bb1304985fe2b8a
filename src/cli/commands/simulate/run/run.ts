import { Failure } from '../../../../errors.ts';
import {
  fitted,
  shardOf,
  wholeRun,
  judged,
  spokenCount,
  spokenDevices,
  standings,
  verdictOf,
  type Bundle,
  type Plan,
  type PlanFlags,
  type RunOutline,
  type Shard,
  type Snapshot,
} from '../../../../simulate/index.ts';
import { removeReadyFile, writeReadyFile } from '../../../terminal/files.ts';
import type { Io } from '../../../terminal/io.ts';
import { longWait, whileBusy } from '../../../terminal/waiting/longWait.ts';
import { withOutput } from '../../../printing/output.ts';
import { again } from './again.ts';
import { observersOf } from './observers.ts';
import type { ObserverValues } from './runObserver.ts';
import { openPlace, type PlayedServer } from '../server.ts';
import { checkOpenFiles } from './openFiles.ts';
import { playHere, type Finished, type Playing } from './playedPlan.ts';
import { resultLogged } from './podLog.ts';
import { processCount } from '../processCount.ts';
import { readPlan } from '../readPlan.ts';
import { shortRamp, warnOfShortRamp } from '../shortRamp.ts';
import { startBy, startRuleOf, type RunStart, type StartRule, type RunStartValues } from './start.ts';
import { watchModules, withUserErrors } from './userErrors.ts';
import { checkReportFiles, writeReports } from '../../results/reportFiles.ts';
import { withoutUrlSecrets } from '../../../../protocol/urlSecrets.ts';
import { dangers } from '../../../flags/dangers.ts';
import { printBundle } from '../../results/summary.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';
import { largest } from '../../../../protocol/notation/extent.ts';

/** Flags of `simulate run`. */
export type RunValues = ObserverValues &
  PlanFlags &
  RunStartValues & {
    readonly shard?: string;
    readonly shards?: string;
    readonly report?: readonly string[];
    readonly readyFile?: string;
    readonly cleanup?: boolean;
    readonly processes?: string;
    readonly manifest?: string;
  };

/** Least and most time for requests in flight at the end of a run, and after a signal; in ms. */
const leastDrainMs = 10_000;
const mostDrainMs = 30_000;
const hurriedDrainMs = 5000;
const updateMs = 1000;

/** `devicehive simulate run`: plays a plan against a server, measures, and judges. */
export async function simulateRun(
  file: string | undefined,
  given: FlagContext<RunValues>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
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
  const processes = processCount(values);
  const shard = shardOf(values, io.env['JOB_COMPLETION_INDEX']);
  if (file === '-' && values.token === '-')
    throw new Failure('usage', 'stdin cannot be both the plan and the token', { hint: 'Use --token-file.' });
  const text = file === '-' ? await io.readStdin() : undefined;
  const { plan, digest, name } = await readPlan({ file, flags: values, text }, io);
  const rule = startRuleOf(values, plan, shard);
  checkOpenFiles({ plan, shard, processes, embedded: values.embedded === true });
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
  const url = withoutUrlSecrets(place.url);
  const planName = name === undefined ? {} : { planName: name };
  const facts = { command: again(argv, plan.seed, shard), plan: digest, ...planName, url };
  const needsSamples = plan.load.forMs !== undefined || plan.assertions.length > 0;
  const bundle = await play(
    {
      ...{ playing, plan, digest, shard, place, rule, broken: new AbortController() },
      outline: outlineOf(plan, name, url),
      judge: ({ measured, ...played }) => {
        const timeline = fitted(measured.timeline);
        const whole = { ...measured, timeline, ...facts, ...timesOf(played, { plan, playing }, io) };
        return judged(whole, plan.assertions, needsSamples);
      },
    },
    context,
  );
  const unwritten = await writeReports(bundle, values.report ?? []);
  await printBundle(bundle, context);
  await resultLogged(values, io);
  if (unwritten !== undefined) throw unwritten;
  if (playing.loss !== undefined) throw playing.loss;
  if (bundle.interrupted === true) throw new Failure('interrupted', 'the run was stopped before its end');
  const verdict = verdictOf(bundle);
  if (verdict !== undefined) throw verdict;
}

function tellPlace({ url, embedded, options }: PlayedServer, io: Io): void {
  if (embedded) io.note(`server: ${url} (embedded in this command)`);
  if (options.allowLarge === true) io.danger(dangers.large);
}

function outlineOf({ deviceCount, load, assertions }: Plan, planName: string | undefined, url: string): RunOutline {
  return { planName, url, devices: deviceCount, plannedMs: load.forMs, assertions };
}

/** A run to play, what observers know of it, and how its result is judged. */
interface RunToPlay {
  readonly playing: Playing;
  readonly plan: Plan;
  readonly digest: string;
  readonly shard: Shard;
  readonly place: PlayedServer;
  readonly rule: StartRule;
  /** Aborted when a broken assertion ends the run. */
  readonly broken: AbortController;
  readonly outline: RunOutline;
  readonly judge: (played: Played) => Bundle;
}

/** When a run started, and how long it lasted on the plan's clock. */
interface PlayedTime {
  readonly start: RunStart;
  readonly durationMs: number;
}

type Played = Finished & PlayedTime;

/** Returns the times in a result, and whether it was cut short, which includes the loss of a process. */
function timesOf(
  { start, durationMs }: PlayedTime,
  { plan, playing }: Pick<RunToPlay, 'plan' | 'playing'>,
  { signal }: Io,
) {
  const { forMs } = plan.load;
  return {
    startedAt: new Date(start.begunMs + start.aheadMs).toISOString(),
    durationMs,
    ...(forMs === undefined ? {} : { plannedMs: forMs }),
    interrupted: playing.loss !== undefined || (signal.aborted && durationMs < (forMs ?? 0)),
    late: start.isLate,
  };
}

/** Plays to the end, or to a signal. Closes connections and, if wanted, removes devices, whatever happens. */
async function play(job: RunToPlay, context: FlagContext<RunValues>): Promise<Bundle> {
  const { io, values } = context;
  const { playing, plan, outline } = job;
  const observers = await observersOf(outline, context);
  const update = () => {
    const snapshot = playing.snapshot();
    if (snapshot === undefined) return;
    for (const observer of observers) observer.update(snapshot);
    stopIfBroken(snapshot, job, io);
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
  // until the process ends: even if a module's timers throw after the run, devices are removed and reports written
  watchModules(plan, () => undefined);
  let left = 0;
  let bundle: Bundle | undefined;
  try {
    const time = await withUserErrors(plan, () => playToEnd(job, context));
    const drainMs = io.signal.aborted || playing.loss !== undefined ? hurriedDrainMs : drainMsOf(plan);
    const finished = await longWait(io, `the run is over; what is in flight has ${drainMs / 1000} s to finish`, () =>
      playing.finish({ drainMs, cleansUp }),
    );
    ({ left } = finished);
    update();
    bundle = job.judge({ ...finished, ...time });
    return bundle;
  } catch (error) {
    left = await playing.finish({ drainMs: 0, cleansUp }).then(
      (finished) => finished.left,
      () => 0,
    );
    throw error;
  } finally {
    clearInterval(timer);
    io.signal.removeEventListener('abort', onSignal);
    for (const observer of observers) await observer.finish(bundle);
    if (left > 0) io.warn(`${left} devices that this run has made could not be removed`);
  }
}

/**
 * Ends a run when one of its assertions is broken, if the plan says so. Not a shard: only the merged result is judged.
 */
function stopIfBroken(snapshot: Snapshot, { playing, plan, shard, broken: cut }: RunToPlay, io: Io): void {
  const { stopOnFailureMs = Infinity, assertions } = plan;
  if (snapshot.atMs < stopOnFailureMs || shard.count > 1 || cut.signal.aborted) return;
  const broken = standings(assertions, snapshot).find(({ state }) => state === 'broken');
  if (broken === undefined) return;
  io.note(`stopping: ${broken.text} does not hold (it is ${broken.actual})`);
  cut.abort();
  playing.stop();
}

async function playToEnd(job: RunToPlay, context: FlagContext<RunValues>): Promise<PlayedTime> {
  const { playing, plan, digest, shard, place, rule } = job;
  const { io } = context;
  await whileBusy(io, 'registering the devices', () => playing.prepare());
  refuseInterrupted(io);
  const { start, leave } = await startBy(rule, { playing, plan, digest, shard, options: place.options }, io);
  try {
    const startMs = performance.now() + start.originMs - Date.now();
    await playing.begin(start.originMs);
    if (playing.upCount < playing.deviceCount) tellMissing(playing, plan, io);
    else if (!io.signal.aborted) tellReady(job, context);
    await playing.over;
    const lastedMs = Math.max(performance.now() - startMs, 0);
    const durationMs = isCut(job, io) ? lastedMs : (plan.load.forMs ?? lastedMs);
    return { start, durationMs: Math.round(durationMs) };
  } finally {
    await leave(!isCut(job, io));
  }
}

/** True if the run ended before its time. */
function isCut({ playing, broken }: RunToPlay, { signal }: Io): boolean {
  return signal.aborted || broken.signal.aborted || playing.loss !== undefined;
}

function refuseInterrupted({ signal }: Io): void {
  if (signal.aborted) throw new Failure('interrupted', 'stopped before all devices were up');
}

function tellReady({ playing, plan, place }: RunToPlay, { io, values: { readyFile } }: FlagContext<RunValues>): void {
  const { deviceCount } = playing;
  if (readyFile !== undefined) writeReadyFile(readyFile, { url: place.url, devices: deviceCount, pid: process.pid });
  const devices = `${spokenDevices(deviceCount)} ${deviceCount === 1 ? 'is' : 'are'} up`;
  io.note(plan.load.forMs === undefined ? `${devices}; Ctrl-C ends the run` : devices);
}

/** Notes, after the run, that not all devices were up. */
function tellMissing({ deviceCount, upCount }: Playing, plan: Plan, io: Io): void {
  const why = io.signal.aborted
    ? 'the run was stopped before the others'
    : (shortRamp(plan) ?? 'it ended before the others');
  io.note(`${spokenCount(upCount)} of ${spokenCount(deviceCount)} devices were up: ${why}`);
}

/** Returns how long to wait for answers that operators still expect, in ms, within limits. */
function drainMsOf({ traffic }: Plan): number {
  return Math.min(
    largest(
      traffic.map(({ timeoutMs }) => timeoutMs + 1000),
      leastDrainMs,
    ),
    mostDrainMs,
  );
}
