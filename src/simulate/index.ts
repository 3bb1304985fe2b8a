import type { MeetingPlace, MeetingPlaceOptions } from './engine/meeting/meetingPlace.ts';

export { systemRunClock } from './engine/clock.ts';
export type { AgreedStart } from './engine/meeting/meetingPlace.ts';
export { Run } from './engine/run.ts';
export {
  accountNames,
  bundleVersion,
  counterNames,
  counterTitles,
  hopNames,
  hopTitles,
  type Bundle,
} from './measure/bundle.ts';
export { percentileOf } from './measure/classes.ts';
export { Recorder, tickMs } from './measure/recorder.ts';
export { mergedSnapshot, type Snapshot } from './measure/snapshot.ts';
export { fitted, Timeline } from './measure/timeline.ts';
export {
  compilePlan,
  everyCommand,
  isModuleFile,
  needsOf,
  parsePlan,
  payloadSeries,
  planFailure,
  plannedEvents,
  shardOf,
  sorted,
  StagedTime,
  startedCount,
  tableOf,
  trialsOf,
  tried,
  userFailure,
  wholeRun,
  withBehaviours,
  withFlags,
  type CheckCase,
  type CheckOutcome,
  type CsvTable,
  type Flagged,
  type Fleet,
  type LoadedBehaviour,
  type PayloadSeries,
  type Plan,
  type PlanFlags,
  type PlanProblem,
  type PlanText,
  type Shard,
  type Traffic,
  type Trial,
} from './plan/index.ts';
export type {
  BehaviourModule as Behaviour,
  BehaviourCase,
  BehaviourCommand,
  BehaviourDevice,
  BehaviourRandom,
  CommandAnswer,
  CommandHandler,
} from './plan/behaviour/behaviourApi.ts';
export { spokenActual, spokenComparison } from './report/assertions.ts';
export { resultDifferences, worseBy, type MetricChange } from './report/difference.ts';
export { answersOf, disconnectsOf, shareUnanswered } from './report/metrics.ts';
export { merge, mergeParts } from './report/merge.ts';
export { partNotes } from './report/parts.ts';
export { mainHop } from './report/page/charts.ts';
export {
  dashboardContent,
  dashboardEnd,
  dashboardPage,
  dashboardScript,
  type RunOutline,
} from './report/page/dashboard.ts';
export { spokenCount, spokenDevices, spokenMs, spokenRate, spokenValue, timeOfDay } from './report/numbers.ts';
export { nothingMeasured, remarksOf, spokenOutcome } from './report/outcome.ts';
export { headOf, type StoredResult } from './report/storedResult.ts';
export { spokenShards } from './report/spokenShards.ts';
export { measuredSoFar, standings, type Standing } from './report/standings.ts';
export { judged, verdictOf, type Measured } from './report/verdict.ts';

/** Opens the place where shards agree on their start. Its code is loaded when it is used. */
export async function meetingPlace(options: MeetingPlaceOptions): Promise<MeetingPlace> {
  const { MeetingPlace: Place } = await import('./engine/meeting/meetingPlace.ts');
  return new Place(options);
}

/** Loads the code that draws the page of a result. */
export const reportPage = () => import('./report/page/page.ts');
