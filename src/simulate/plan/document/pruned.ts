import type { PlanProblem } from '../problems.ts';

/**
 * Returns a copy without the values that have problems, so that the rest can be checked; an item of a list becomes an
 * empty object in its place.
 */
export function pruned(content: unknown, problems: readonly PlanProblem[]): unknown {
  const paths = problems.map(({ path }) => path);
  return paths.some((path) => path.length === 0) ? {} : without(content, paths);
}

function without(value: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.length === 0 || typeof value !== 'object' || value === null) return value;
  const below = (name: string) => paths.filter((path) => path[0] === name).map((path) => path.slice(1));
  const isGone = (name: string) => paths.some((path) => path.length === 1 && path[0] === name);
  if (Array.isArray(value))
    return value.map((item, index) => (isGone(String(index)) ? {} : without(item, below(String(index)))));
  const kept = Object.entries(value).filter(([name]) => !isGone(name));
  return Object.fromEntries(kept.map(([name, part]) => [name, without(part, below(name))]));
}
