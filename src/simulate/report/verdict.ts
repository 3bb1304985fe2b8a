import { Failure } from '../../errors.ts';
import type { Bundle } from '../measure/bundle.ts';
import { judgeAssertion, parseAssertion, spokenActual } from './assertions.ts';
import { nothingMeasured } from './outcome.ts';
import { incompleteness } from './parts.ts';

/** The measurements of a run whose assertions are not judged yet. */
export type Measured = Omit<Bundle, 'assertions' | 'outcome'>;

/**
 * Adds the verdict: whether the figures can be trusted, and which assertions hold; parts of a run, and merged results
 * that lack something, are not judged. With `needsSamples` a run without a sample fails: one stopped by hand, with
 * nothing to assert, may have none. Throws a `Failure` if an assertion is invalid.
 */
export function judged(measured: Measured, assertions: readonly string[], needsSamples = true): Bundle {
  const isIncomplete = incompleteness(measured).length > 0;
  const isWhole = measured.shards.length === measured.shardCount && !isIncomplete;
  const verdicts = assertions.map((text) => {
    const assertion = parseAssertion(text);
    if (typeof assertion === 'string') throw new Failure('invalid', `the assertion "${text}" ${assertion}`);
    return isWhole ? judgeAssertion(assertion, measured) : { text, ok: null, actual: null };
  });
  const isTrusted =
    !measured.generator.saturated && !isIncomplete && (hasSamples(measured) || !isWhole || !needsSamples);
  const outcome = !isTrusted ? 'generator' : verdicts.some(({ ok }) => ok === false) ? 'assertion' : 'ok';
  return { ...measured, assertions: verdicts, outcome };
}

/** Hops that have samples even if no device and no operator says anything. */
const silentHops: ReadonlySet<string> = new Set(['loop.delay', 'send.lag', 'connect']);

/** True if any conversation was timed; a run without a sample fails. */
function hasSamples({ hops }: Measured): boolean {
  return Object.entries(hops).some(([name, { count }]) => count > 0 && !silentHops.has(name));
}

/**
 * Returns the failure with which a command that shows this result ends; undefined for success. Exit code 11 wins over
 * 9.
 */
export function verdictOf(bundle: Bundle): Failure | undefined {
  const lacks = incompleteness(bundle);
  if (lacks.length > 0) {
    return new Failure('generator', lacks.join('; '), {
      hint: 'Shards count from 0. Merge the whole results of all of them, or run the others again.',
    });
  }
  if (bundle.generator.saturated) {
    return new Failure('generator', `the load generator was saturated: ${bundle.generator.reasons.join('; ')}`, {
      hint: 'The figures are not to be trusted. Send less, use more processes or shards, or raise the limits in the plan where the machine is known to be slow.',
    });
  }
  if (bundle.outcome === 'generator') {
    return new Failure('generator', nothingMeasured, {
      hint: 'Let it run longer, or give the devices something to do (--notify, traffic in the plan).',
    });
  }
  const broken = bundle.assertions.filter(({ ok }) => ok === false);
  if (broken.length === 0) return undefined;
  const told = broken.map((one) => `${one.text} (it is ${spokenActual(one) || 'not known: no samples'})`);
  return new Failure(
    'assertion',
    `${broken.length === 1 ? 'an assertion does' : `${broken.length} assertions do`} not hold: ${told.join('; ')}`,
  );
}
