import type { World } from '../inMemory.ts';

/** Returns the counted harm as texts such as `joining command/get 1`. */
export function harmsOf({ hive }: Pick<World, 'hive'>): string[] {
  return hive.harms.list().map(({ kind, action, count }) => `${kind} ${action} ${count}`);
}
