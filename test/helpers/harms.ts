import assert from 'node:assert/strict';
import type { Harm, HarmKind } from '../../src/server/index.ts';

/** Counts of harm by kind; absent means never. */
export type HarmCounts = Partial<Record<HarmKind, number>>;

/** The harm that a test expects; `any` only for harm still to be fixed that depends on timing. */
export type ExpectedHarms = Partial<Record<HarmKind, number | 'any'>>;

/** The kind of harm for each quirk of PROTOCOL.md 7 that the log cites. */
const kinds: Readonly<Record<string, HarmKind>> = { Q41: 'joining', Q42: 'unread', Q43: 'size' };

/** Returns the harm that a program reported on stderr: in the list of a strict server, or else in lines of the log. */
export function harmsIn(stderr: string): HarmCounts {
  const listed = [...stderr.matchAll(/(\d+) × (size|joining|unread) \(/g)];
  if (listed.length > 0) return sum(listed.map(([, count, kind]) => [kind as HarmKind, Number(count)]));
  const logged = stderr.matchAll(/a real DeviceHive would have stopped here: [^\n]*?\(PROTOCOL\.md 7, (Q4[123])\)/g);
  return sum([...logged].map(([, quirk = '']) => [kinds[quirk] ?? 'size', 1]));
}

/** Returns the harm that a server in this process counted. */
export function harmsOf(harms: readonly Harm[]): HarmCounts {
  return sum(harms.map(({ kind, count }) => [kind, count]));
}

/** Fails where a server counted other harm than a test expects. */
export function assertHarms(actual: HarmCounts, expected: ExpectedHarms, said: string): void {
  const isCounted = ([kind]: [string, unknown]) => expected[kind as HarmKind] !== 'any';
  const counted = (harms: ExpectedHarms) => Object.fromEntries(Object.entries(harms).filter(isCounted));
  const message = `a real DeviceHive would have stopped otherwise than expected:\n${said}`;
  assert.deepEqual(counted(actual), counted(expected), message);
}

function sum(harms: readonly (readonly [HarmKind, number])[]): HarmCounts {
  const counts: HarmCounts = {};
  for (const [kind, count] of harms) counts[kind] = (counts[kind] ?? 0) + count;
  return counts;
}
