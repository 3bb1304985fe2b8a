import { isDeeperThan, maxSentDepth } from './depth.ts';

const tooDeep = Symbol('a request id that is nested too deeply');

/**
 * A connection numbers its own requests from here if its caller uses numbers too, which are seldom as large
 * (PROTOCOL.md 2.1).
 */
const farFromCallers = 1_000_000_000;

/**
 * Returns a key that two request ids share exactly if they are the same JSON, whatever the order of fields. Texts and
 * numbers are their own keys; ids nested too deeply share one key.
 */
export function requestIdKey(id: unknown): unknown {
  if (typeof id !== 'object' || id === null) return id;
  // the prefix keeps an object's key apart from the texts that callers use
  return isDeeperThan(id, maxSentDepth) ? tooDeep : `\u0000${JSON.stringify(id, inOrder)}`;
}

/** A replacer for `JSON.stringify` that sorts the fields of objects by name. */
function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/**
 * Returns the first number for a connection's own request ids such that they do not meet the caller's, of which this is
 * one.
 */
export function firstIdBeside(id: unknown): number {
  return typeof id === 'number' && id < farFromCallers ? farFromCallers : 1;
}
