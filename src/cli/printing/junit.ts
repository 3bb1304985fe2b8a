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
    | { readonly kind: 'failed' | 'error'; readonly type?: string; readonly message: string; readonly text: string };
}

/** Cases that belong together. */
export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
  /** How long it took, in ms; by default the sum of its cases. */
  readonly ms?: number;
  /** As ISO 8601. */
  readonly startedAt?: string;
  readonly properties?: Readonly<Record<string, string | number>>;
}

/** A report in the format of JUnit, as CI servers read it. */
export function junitXml(name: string, suites: readonly JunitSuite[]): string {
  const ms = suites.reduce((sum, suite) => sum + msOf(suite), 0);
  const attributes = attributesOf({ ...totals(suites.flatMap(({ cases }) => cases)), time: seconds(ms), name });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes}>\n${suites.map(suiteXml).join('')}</testsuites>\n`;
}

function suiteXml(suite: JunitSuite): string {
  const { name, cases, startedAt, properties = {} } = suite;
  const timestamp = startedAt === undefined ? {} : { timestamp: startedAt.slice(0, 19) };
  const attributes = attributesOf({ name, ...totals(cases), time: seconds(msOf(suite)), ...timestamp });
  const list = Object.entries(properties).map(([name, value]) => `<property${attributesOf({ name, value })}/>\n`);
  const inner = list.length === 0 ? '' : `<properties>\n${list.join('')}</properties>\n`;
  return `<testsuite${attributes}>\n${inner}${cases.map(caseXml).join('')}</testsuite>\n`;
}

function msOf({ ms, cases }: JunitSuite): number {
  return ms ?? cases.reduce((sum, { ms }) => sum + ms, 0);
}

function totals(cases: readonly JunitCase[]): Readonly<Record<string, number>> {
  const count = (kind: JunitCase['outcome']['kind']) => cases.filter(({ outcome }) => outcome.kind === kind).length;
  return { tests: cases.length, failures: count('failed'), errors: count('error'), skipped: count('skipped') };
}

function caseXml({ name, group, ms, outcome }: JunitCase): string {
  const head = `<testcase${attributesOf({ classname: group, time: seconds(ms), name })}`;
  if (outcome.kind === 'passed') return `${head}/>\n`;
  const { message } = outcome;
  if (outcome.kind === 'skipped') return `${head}><skipped${attributesOf({ message })}/></testcase>\n`;
  const tag = outcome.kind === 'failed' ? 'failure' : 'error';
  const { type, text } = outcome;
  return `${head}><${tag}${attributesOf({ ...(type === undefined ? {} : { type }), message })}>${escaped(text)}</${tag}></testcase>\n`;
}

function attributesOf(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`)
    .join('');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Characters that XML 1.0 does not allow in any form: control characters, lone surrogates, and two noncharacters. */
const forbidden =
  /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text
    .replace(forbidden, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"]/g, (character) => own(entities, character) ?? character);
}
