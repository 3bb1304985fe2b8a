/** The most levels of lists and objects in a frame that either side reads. */
export const maxDepth = 1000;
/** The most levels of what a user sends: deeper than any sensible message, and read by every server. */
export const maxSentDepth = 500;

/** True if lists and objects lie in each other beyond these levels. Needs no more stack for deep values. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let level: object[] = isContainer(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= levels) return true;
    const next: object[] = [];
    for (const container of level) {
      // with very many names, `Object.values` takes five times as long
      for (const name of Object.keys(container)) {
        const child: unknown = container[name as keyof typeof container];
        if (isContainer(child)) next.push(child);
      }
    }
    level = next;
  }
  return false;
}

/**
 * Parses JSON for code that walks through values with the stack. Throws as `JSON.parse` does, and a RangeError for what
 * is nested deeper.
 */
export function shallowJson(text: string, levels = maxDepth): unknown {
  const value: unknown = JSON.parse(text);
  // each level takes two characters
  if (text.length > 2 * levels && isDeeperThan(value, levels))
    throw new RangeError(`nested deeper than ${levels} levels`);
  return value;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
