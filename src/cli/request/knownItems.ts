import type { AskServer } from '../../client/index.ts';
import { isFrame, type Frame } from '../../protocol/frames.ts';
import { isAction } from '../../protocol/schema.ts';
import type { FieldSource } from '../flags/fieldSources.ts';

/** More items than this are not offered; beyond that, people type. */
const mostItems = 1000;

/** Items that a field may name, and how many of all they are if they are not all. */
export interface KnownItems {
  readonly items: readonly Frame[];
  readonly extent: string | undefined;
}

/** Asks a server for the items that a field may name. Rejects where it does not answer, or refuses. */
export async function knownItems(source: FieldSource, payload: Frame, ask: AskServer): Promise<KnownItems> {
  const { listReader } = await import('../../client/index.ts');
  const { listSome } = await listReader();
  const { items, isWhole } = await listSome(ask, source.action, payload, mostItems);
  const frames = items.filter(isFrame);
  const shown = frames.slice(0, mostItems);
  const isAll = isWhole && shown.length === frames.length;
  return { items: shown, extent: isAll ? undefined : await extentOf(shown.length, source, ask) };
}

/**
 * Returns a text such as `first 1,000 of 5,200`; without the total if the list has no count or the user may not read
 * it.
 */
async function extentOf(shown: number, { action }: FieldSource, ask: AskServer): Promise<string> {
  const first = `first ${shown.toLocaleString('en')}`;
  const counting = action.replace('/list', '/count');
  if (!isAction(counting)) return first;
  const { count } = await ask(counting, {}).catch((): Frame => ({}));
  return typeof count === 'number' ? `${first} of ${count.toLocaleString('en')}` : first;
}
