/** The most levels of lists and objects in a frame that either side reads. */
export const maxDepth = 1000;

/** True if lists and objects lie in each other beyond these levels. Needs no more stack for deep values. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let level: object[] = isContainer(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= levels) return true;
    const next: object[] = [];
    for (const container of level) {
      for (const child of Object.values(container) as unknown[]) if (isContainer(child)) next.push(child);
    }
    level = next;
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
