import { own } from '../../protocol/own.ts';

/** One case of a report for CI. */
export interface JunitCase {
  readonly name: string;
  /** Groups cases within a suite, with dots as of packages. */
  readonly group: string;
  readonly ms: number;
  readonly outcome:
    | { readonly kind: 'passed' }
    | { readonly kind: 'skipped'; readonly message: string }
    | { readonly kind: 'failed' | 'error'; readonly message: string; readonly text: string };
}

/** Cases that belong together. */
export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
}

/** A report in the format of JUnit, as CI servers read it. */
export function junitXml(name: string, suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  const inner = suites.map((suite) => element('testsuite', suite.name, suite.cases, suite.cases.map(caseXml).join('')));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', name, all, inner.join(''))}`;
}

function element(tag: string, name: string, cases: readonly JunitCase[], inner: string): string {
  const count = (kind: JunitCase['outcome']['kind']) => cases.filter(({ outcome }) => outcome.kind === kind).length;
  const attributes = attributesOf({
    name,
    tests: cases.length,
    failures: count('failed'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(cases.reduce((sum, { ms }) => sum + ms, 0)),
  });
  return `<${tag}${attributes}>\n${inner}</${tag}>\n`;
}

function caseXml({ name, group, ms, outcome }: JunitCase): string {
  const head = `<testcase${attributesOf({ name, classname: group, time: seconds(ms) })}`;
  if (outcome.kind === 'passed') return `${head}/>\n`;
  const message = attributesOf({ message: outcome.message });
  if (outcome.kind === 'skipped') return `${head}><skipped${message}/></testcase>\n`;
  const tag = outcome.kind === 'failed' ? 'failure' : 'error';
  return `${head}><${tag}${message}>${escaped(outcome.text)}</${tag}></testcase>\n`;
}

function attributesOf(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`)
    .join('');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** What XML 1.0 does not admit in any form: control characters, halves of pairs, and two that are no characters. */
const forbidden =
  /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text
    .replace(forbidden, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"]/g, (character) => own(entities, character) ?? character);
}
