import type { Bundle } from '../measure/bundle.ts';
import { spokenActual } from './assertions.ts';
import { escapeMarkup } from './page/escape.ts';

/**
 * A result as JUnit XML, as CI servers read it: a test case for each assertion, and one for the trust in the figures.
 */
export function junit(bundle: Bundle): string {
  const seconds = (bundle.durationMs / 1000).toFixed(3);
  const cases = [generatorCase(bundle), ...bundle.assertions.map(assertionCase)];
  const failures = cases.filter((text) => text.includes('<failure')).length;
  const skipped = cases.filter((text) => text.includes('<skipped')).length;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="${cases.length}" failures="${failures}" errors="0" time="${seconds}">
<testsuite name="devicehive simulate" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds}" timestamp="${bundle.startedAt.slice(0, 19)}">
<properties><property name="seed" value="${bundle.seed}"/><property name="url" value="${escapeMarkup(bundle.url)}"/><property name="command" value="${escapeMarkup(bundle.command)}"/></properties>
${cases.join('\n')}
</testsuite>
</testsuites>
`;
}

function generatorCase({ generator, outcome }: Bundle): string {
  const reason = generator.saturated
    ? generator.reasons.join('; ')
    : outcome === 'generator'
      ? 'there is no sample of any conversation'
      : '';
  return testCase('the figures can be trusted', reason === '' ? '' : failure('generator', reason));
}

function assertionCase(assertion: Bundle['assertions'][number]): string {
  const { text, ok } = assertion;
  if (ok === null) return testCase(text, '<skipped message="only the merged result of all shards knows"/>');
  const actual = spokenActual(assertion) || 'not known: there are no samples';
  return testCase(text, ok ? '' : failure('assertion', `it is ${actual}`));
}

function testCase(name: string, content: string): string {
  return `<testcase classname="devicehive.simulate" name="${escapeMarkup(name)}">${content}</testcase>`;
}

function failure(type: string, message: string): string {
  return `<failure type="${type}" message="${escapeMarkup(message)}">${escapeMarkup(message)}</failure>`;
}
