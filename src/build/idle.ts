/** An `anyOf` that has an empty branch forbids nothing, and only shows editors what there is. */
function isIdle(key: string, value: unknown): boolean {
  return key === 'anyOf' && Array.isArray(value) && value.some((branch) => Object.keys(branch as object).length === 0);
}

/** Without each `anyOf` that forbids nothing. */
export function binding(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(binding);
  if (typeof node !== 'object' || node === null) return node;
  const kept = Object.entries(node).filter(([key, value]) => !isIdle(key, value));
  return Object.fromEntries(kept.map(([key, value]) => [key, binding(value)]));
}

/** Where an `anyOf` forbids nothing the type is any value. */
export function loose(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(loose);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node);
  if (entries.some(([key, value]) => isIdle(key, value))) return { tsType: 'unknown' };
  return Object.fromEntries(entries.map(([key, value]) => [key, loose(value)]));
}
