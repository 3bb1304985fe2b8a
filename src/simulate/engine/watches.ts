import { Failure } from '../../errors.ts';
import { spokenDuration } from '../../protocol/notation/spokenDuration.ts';
import { serverStates, stateToldIn } from '../../protocol/serverStates.ts';
import { watchLoopDelay } from '../measure/loopDelay.ts';
import { tickMs } from '../measure/recorder.ts';
import type { RunStage } from './stage.ts';

/** How long a run without any failure may stand still before it is given up, at least, in ms. */
const calmStandstillMs = 60_000;
const lookMs = 1000;

/**
 * Calls `onStandstill` when devices are missing and no more come up: after `standstillMs` if some have failed, else
 * after a minute, or `standstillMs` if longer. Returns a function that ends the watch.
 */
export function watchProgress(
  stage: RunStage,
  standstillMs: number,
  onStandstill: (standstillMs: number) => void,
): () => void {
  let most = 0;
  let sinceMs = stage.nowMs;
  const look = () => {
    const { connected, devices } = stage.recorder;
    if (connected === devices || stage.isOver || stage.hasBegun) return;
    if (connected > most) [most, sinceMs] = [connected, stage.nowMs];
    const mostMs = stage.recorder.hasFailed ? standstillMs : Math.max(standstillMs, calmStandstillMs);
    if (stage.nowMs - sinceMs > mostMs) return onStandstill(mostMs);
    cancel = stage.schedule(lookMs, look);
  };
  let cancel = stage.schedule(lookMs, look);
  return () => cancel();
}

/** Returns the failure of a run whose devices do not come up; it names a sick server. */
export function stoodStill({ recorder }: RunStage, devices: number, standstillMs: number): Failure {
  const { errors } = recorder.snapshot();
  const sick = errors.find(({ text }) => stateToldIn(text) !== undefined);
  const worst = sick ?? errors[0];
  const serverState = sick === undefined ? undefined : stateToldIn(sick.text);
  const what = `${recorder.connected} of ${devices} devices are up, and for ${spokenDuration(standstillMs)} no more came`;
  return new Failure(
    worst?.kind === 'timeout' ? 'timeout' : 'connect',
    worst === undefined ? what : `${what}: ${worst.text}`,
    {
      hint: serverState === undefined ? tooMany : serverStates[serverState].hint,
      serverState,
    },
  );
}

const tooMany =
  'Check that the server takes so many connections; --connections puts many devices on few of them. A slow server needs a longer --timeout.';

/**
 * Ticks the recorder each second of the plan's clock and measures how late timers are. Returns functions that end both.
 */
export function measureTime(stage: RunStage): (() => void)[] {
  let dueMs = stage.timeOf(tickMs);
  const tick = () => {
    // lateness must not add up: it would lengthen the seconds of a long run, and set those of processes apart
    const ticks = Math.floor((stage.nowMs - dueMs) / tickMs) + 1;
    stage.recorder.tick(ticks);
    dueMs += ticks * tickMs;
    cancel = stage.schedule(dueMs - stage.nowMs, tick);
  };
  let cancel = stage.schedule(dueMs - stage.nowMs, tick);
  const endLoopDelay = watchLoopDelay({
    nowMs: () => stage.nowMs,
    schedule: (afterMs, run) => stage.schedule(afterMs, run),
    onDelay: (ms) => stage.recorder.hop('loop.delay', ms),
  });
  return [() => cancel(), endLoopDelay];
}
