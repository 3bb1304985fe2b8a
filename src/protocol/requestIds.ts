/** Deeper request ids are not told apart: whatever walks through them must not run out of stack. */
const maxDepth = 500;

const tooDeep = Symbol('a request id that is nested too deeply');

/** Own ids of a connection begin here where its caller gives numbers, which seldom are as large (PROTOCOL.md 2.1). */
const farFromCallers = 1_000_000_000;

/** Whether a request id, which may be any JSON value, is nested too deeply to be matched. */
export function isTooDeep(id: unknown, levels = maxDepth): boolean {
  if (typeof id !== 'object' || id === null) return false;
  return levels === 0 || Object.values(id).some((child) => isTooDeep(child, levels - 1));
}

/**
 * Returns what two request ids have in common exactly if they are the same JSON: texts and numbers are their own keys,
 * objects match by content, whatever the order of their fields. Those that are nested too deeply share one key.
 */
export function requestIdKey(id: unknown): unknown {
  if (typeof id !== 'object' || id === null) return id;
  // marked so that no likely text equals it
  return isTooDeep(id) ? tooDeep : `\u0000${JSON.stringify(id, inOrder)}`;
}

/** Sorts the fields of an object by name. */
function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Returns where a connection counts its own request ids from so that none equals this one of its caller. */
export function firstIdBeside(id: unknown): number {
  return typeof id === 'number' && id < farFromCallers ? farFromCallers : 1;
}
