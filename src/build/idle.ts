/** True for an `anyOf` with an empty branch: it forbids nothing, and only offers editors suggestions. */
function isIdle(key: string, value: unknown): boolean {
  return key === 'anyOf' && Array.isArray(value) && value.some((branch) => Object.keys(branch as object).length === 0);
}

/** Returns a schema without the `anyOf`s that forbid nothing. */
export function binding(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(binding);
  if (typeof node !== 'object' || node === null) return node;
  const kept = Object.entries(node).filter(([key, value]) => !isIdle(key, value));
  return Object.fromEntries(kept.map(([key, value]) => [key, binding(value)]));
}

/** Returns a schema whose type is `unknown` wherever an `anyOf` forbids nothing. */
export function loose(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(loose);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node);
  if (entries.some(([key, value]) => isIdle(key, value))) return { tsType: 'unknown' };
  return Object.fromEntries(entries.map(([key, value]) => [key, loose(value)]));
}
