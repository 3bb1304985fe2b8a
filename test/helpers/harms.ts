import assert from 'node:assert/strict';
import type { Harm, HarmKind } from '../../src/server/index.ts';

/** How often each kind of harm was done; a kind that is left out, never. */
export type HarmCounts = Partial<Record<HarmKind, number>>;

/** What a test expects; `any` only for what is still to be mended and depends on how fast things go. */
export type ExpectedHarms = Partial<Record<HarmKind, number | 'any'>>;

/** Where PROTOCOL.md 7 describes each kind, as the log cites it. */
const kinds: Readonly<Record<string, HarmKind>> = { Q41: 'joining', Q42: 'unread', Q43: 'size' };

/** What a program said about harm on stderr: the list of a strict server, else a line of the log for each. */
export function harmsIn(stderr: string): HarmCounts {
  const listed = [...stderr.matchAll(/(\d+) × (size|joining|unread) \(/g)];
  if (listed.length > 0) return sum(listed.map(([, count, kind]) => [kind as HarmKind, Number(count)]));
  const logged = stderr.matchAll(/a real DeviceHive would have stopped here: [^\n]*?\(PROTOCOL\.md 7, (Q4[123])\)/g);
  return sum([...logged].map(([, quirk = '']) => [kinds[quirk] ?? 'size', 1]));
}

/** What a server in this process counted. */
export function harmsOf(harms: readonly Harm[]): HarmCounts {
  return sum(harms.map(({ kind, count }) => [kind, count]));
}

/** Fails where a server met other harm than a test expects, or none of what it expects. */
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
