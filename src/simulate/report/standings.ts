import { figuresOf } from '../measure/classes.ts';
import type { Snapshot } from '../measure/snapshot.ts';
import { judgeAssertion, parseAssertion, spokenActual, type Assertion } from './assertions.ts';
import type { MeasuredPart } from './metrics.ts';

/** The state of an assertion while its run goes on. */
export interface Standing {
  readonly text: string;
  /** `open` if it does not hold yet but still may. */
  readonly state: 'holds' | 'open' | 'broken';
  /** The value so far, with its unit; empty if there are no samples. */
  readonly actual: string;
}

/** Returns the state of assertions while their run goes on; leaves out invalid ones. */
export function standings(assertions: readonly string[], snapshot: Snapshot): Standing[] {
  const measured = measuredSoFar(snapshot);
  return assertions.flatMap((text) => {
    const assertion = parseAssertion(text);
    return typeof assertion === 'string' ? [] : [standingOf(assertion, measured)];
  });
}

function standingOf(assertion: Assertion, measured: MeasuredPart): Standing {
  const verdict = judgeAssertion(assertion, measured);
  const isOpen = verdict.actual === null || mayStillHold(assertion, verdict.actual);
  const state = verdict.ok === true ? 'holds' : isOpen ? 'open' : 'broken';
  return { text: assertion.text, state, actual: spokenActual(verdict) };
}

/**
 * True if an assertion that does not hold yet may hold later: counts only grow, except that messages on their way count
 * as lost.
 */
function mayStillHold({ metric, operator, value }: Assertion, actual: number): boolean {
  if (/(?:^|\.)lost$/.test(metric.name)) return true;
  return metric.unit === 'count' && /^(?:>|>=|==)$/.test(operator) && actual <= value;
}

/** Returns the measurements of a run so far; times are at most 9.1 % above the sample. */
export function measuredSoFar(snapshot: Snapshot): MeasuredPart {
  const { ledger, counters, atMs, devices, latencies } = snapshot;
  const hops = Object.fromEntries(Object.entries(latencies).map(([name, classes]) => [name, figuresOf(classes)]));
  return { ledger, counters, durationMs: atMs, devices, hops };
}
