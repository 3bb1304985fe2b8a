import { nothingMeasured, remarksOf, spokenComparison, spokenOutcome, type Bundle } from '../../../simulate/index.ts';
import { junitXml, type JunitCase } from '../../printing/junit.ts';

/** Returns a result as JUnit XML: a case for the trust in the figures, and one for each assertion. */
export function junit(bundle: Bundle): string {
  const { seed, url, command, planName, durationMs: ms, startedAt } = bundle;
  const { word, reasons } = spokenOutcome(bundle);
  const cases = [generatorCase(bundle), ...bundle.assertions.map(assertionCase)];
  const name = planName === undefined ? 'devicehive simulate' : `devicehive simulate ${planName}`;
  const outcome = [`${word}  ${reasons.join('; ')}`, ...remarksOf(bundle)].join('; ');
  return junitXml(name, [{ name, cases, ms, startedAt, properties: { outcome, seed, url, command } }]);
}

function generatorCase({ generator, outcome }: Bundle): JunitCase {
  const name = 'the figures can be trusted';
  if (generator.saturated) return failed(name, 'generator', generator.reasons.join('; '));
  if (outcome === 'generator') return failed(name, 'generator', nothingMeasured);
  return passed(name);
}

function assertionCase(assertion: Bundle['assertions'][number]): JunitCase {
  const { text, ok } = assertion;
  if (ok === true) return passed(text);
  if (ok === null)
    return { ...passed(text), outcome: { kind: 'skipped', message: 'only the merged result of all shards knows' } };
  return failed(text, 'assertion', spokenComparison(assertion));
}

function passed(name: string): JunitCase {
  return { name, group: 'devicehive.simulate', ms: 0, outcome: { kind: 'passed' } };
}

function failed(name: string, type: string, message: string): JunitCase {
  return { ...passed(name), outcome: { kind: 'failed', type, message, text: message } };
}
