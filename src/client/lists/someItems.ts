import type { Frame } from '../../protocol/frames.ts';
import { PageSize } from './pageSize.ts';
import { itemsOf, type AskServer } from './replies.ts';

/** The beginning of a list, or all of it. */
export interface SomeItems {
  readonly items: readonly unknown[];
  readonly isWhole: boolean;
}

/**
 * Returns at least `most` items of a list where it has them and one reply bears them, any of them: asks again for more
 * as long as the reply is full and more may fit.
 */
export async function someItems(ask: AskServer, action: string, payload: Frame, most: number): Promise<SomeItems> {
  const size = new PageSize(most);
  for (;;) {
    const { take } = size;
    const items = await itemsOf(ask, action, { ...payload, take });
    size.learn(items);
    if (items.length < take) return { items, isWhole: true };
    if (size.take <= take) return { items, isWhole: false };
  }
}
