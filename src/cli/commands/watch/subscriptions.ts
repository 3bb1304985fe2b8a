import type { Connection, Subscription } from '../../../client/index.ts';
import type { Frame, PushFrame } from '../../../protocol/frames.ts';
import type { WatchPlan } from './plan.ts';

/** Returns a plan for each subscription of a watch: one for each named device, or one for all. */
export function partsOf(plan: WatchPlan): readonly WatchPlan[] {
  return plan.payloads.map((payload) => ({ ...plan, payload }));
}

/**
 * Makes all subscriptions of a watch, or none; `frameOf` returns the fields of each. Throws as `Connection.subscribe`
 * does.
 */
export async function subscribeParts(
  plan: WatchPlan,
  connection: Connection,
  frameOf: (part: WatchPlan) => Frame,
): Promise<readonly Subscription[]> {
  const asked = partsOf(plan).map((part) => connection.subscribe(plan.action, frameOf(part)));
  try {
    return await Promise.all(asked);
  } catch (error) {
    for (const each of asked) void each.then((made) => made.unsubscribe()).catch(() => undefined);
    throw error;
  }
}

/**
 * Yields the pushes of several subscriptions as they come, taking no more than are read, so that the rest waits where
 * it is counted. Ends with the last subscription, and throws what any throws.
 */
export async function* merged(sources: readonly AsyncIterable<PushFrame>[]): AsyncGenerator<PushFrame, void> {
  const waiting: { readonly push: PushFrame; readonly taken: () => void }[] = [];
  let openCount = sources.length;
  let failure: { readonly error: unknown } | undefined;
  let wake: () => void = () => undefined;
  const pump = async (source: AsyncIterable<PushFrame>) => {
    try {
      for await (const push of source) {
        const isTaken = new Promise<void>((resolve) => waiting.push({ push, taken: resolve }));
        wake();
        await isTaken;
      }
    } catch (error) {
      failure ??= { error };
    }
    openCount--;
    wake();
  };
  for (const source of sources) void pump(source);
  for (;;) {
    for (const { push, taken } of waiting.splice(0)) {
      taken();
      yield push;
    }
    if (waiting.length > 0) continue;
    if (failure !== undefined) throw failure.error;
    if (openCount === 0) return;
    await new Promise<void>((resolve) => (wake = resolve));
  }
}
