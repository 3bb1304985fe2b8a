import type { Bundle } from '../measure/bundle.ts';
import { spokenComparison } from './assertions.ts';
import { answersOf, shareUnanswered } from './metrics.ts';
import { spokenCount, spokenMs, spokenRemainder } from './numbers.ts';
import { incompleteness, partNotes } from './parts.ts';
import { spokenShards } from './spokenShards.ts';

/** How a run ended, for people; every form of a result begins with it. */
export interface SpokenOutcome {
  readonly word: 'OK' | 'FAILED' | 'STOPPED' | 'PART';
  /** The reasons, the most important first. */
  readonly reasons: readonly [string, ...string[]];
}

/** The reason for a result without samples. */
export const nothingMeasured = 'nothing was measured: there is no sample of any conversation';

/** Returns how a run ended, and why. */
export function spokenOutcome(bundle: Bundle): SpokenOutcome {
  const { assertions, shards, shardCount, interrupted } = bundle;
  const [first, ...others] = [...untrusted(bundle), ...broken(bundle)];
  if (first !== undefined) return { word: 'FAILED', reasons: [first, ...others] };
  if (interrupted === true) return { word: 'STOPPED', reasons: [stopTime(bundle)] };
  if (shards.length < shardCount) {
    const which = spokenShards(shards, shardCount);
    return { word: 'PART', reasons: [`${which}: devicehive report merge judges all of them together`] };
  }
  return { word: 'OK', reasons: [heldAssertions(assertions.length)] };
}

function stopTime({ durationMs, plannedMs }: Bundle): string {
  return `after ${spokenMs(durationMs)}${plannedMs === undefined ? '' : ` of ${spokenMs(plannedMs)}`}`;
}

function untrusted(bundle: Bundle): string[] {
  const { generator, outcome } = bundle;
  const lacks = incompleteness(bundle);
  if (lacks.length > 0) return lacks;
  if (generator.saturated) return generator.reasons.map((reason) => `not to be trusted: ${reason}`);
  return outcome === 'generator' ? [nothingMeasured] : [];
}

function broken({ assertions }: Bundle): string[] {
  return assertions.filter(({ ok }) => ok === false).map(spokenComparison);
}

function heldAssertions(count: number): string {
  if (count === 0) return 'nothing was asserted';
  return count === 1 ? 'the assertion holds' : `all ${count} assertions hold`;
}

/** Returns remarks for people: how many commands were answered, whether all devices were up, and when. */
export function remarksOf(bundle: Bundle): string[] {
  const { devices, devicesUp = devices } = bundle;
  const up = `${spokenCount(devicesUp)} of ${spokenCount(devices)} devices were up`;
  return [...answered(bundle), ...(devicesUp < devices ? [up] : []), ...timely(bundle)];
}

/** Returns remarks on time; for a merged result its parts say when they began, and which were stopped. */
function timely(bundle: Bundle): string[] {
  if (bundle.parts !== undefined) return partNotes(bundle);
  return [
    ...(bundle.interrupted === true && spokenOutcome(bundle).word !== 'STOPPED' ? [`stopped ${stopTime(bundle)}`] : []),
    ...(bundle.late === true ? ['began after the common start of its shards'] : []),
  ];
}

function answered(bundle: Bundle): string[] {
  const answers = answersOf(bundle);
  const share = shareUnanswered(answers);
  if (share === undefined) return [];
  const { asked, unanswered } = answers;
  const commands = `${spokenCount(asked)} ${asked === 1 ? 'command' : 'commands'}`;
  const which = unanswered === 0 ? commands : `${spokenCount(unanswered)} of ${commands} unanswered`;
  return [`answered ${spokenRemainder(share)} (${which})`];
}
