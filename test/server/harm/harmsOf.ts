import type { World } from '../inMemory.ts';

/** What was counted, such as `joining command/get 1`. */
export function harmsOf({ hive }: Pick<World, 'hive'>): string[] {
  return hive.harms.list().map(({ kind, action, count }) => `${kind} ${action} ${count}`);
}
