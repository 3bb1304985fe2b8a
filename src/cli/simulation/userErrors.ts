import type { Failure } from '../../errors.ts';
import { userFailure, type Plan } from '../../simulate/plan/index.ts';

/**
 * Watches for promises of a plan's behaviour modules that fail while nobody awaits them: such a one would end the process. The function returned stops that.
 * Where no module is played nothing is watched, so that mistakes of our own stay what they are.
 */
export function watchPromises({ fleets }: Plan, fail: (failure: Failure) => void): () => void {
  const file = fleets.find(({ behaviour }) => behaviour !== undefined)?.behaviour?.file;
  if (file === undefined) return () => undefined;
  const onRejection = (reason: unknown) => fail(userFailure(reason, file, 'failed in a promise that nobody awaits'));
  process.on('unhandledRejection', onRejection);
  return () => void process.off('unhandledRejection', onRejection);
}

/** Does what calls a plan's behaviour modules. A promise of theirs that fails while nobody awaits it ends the work as an error they threw would. */
export async function withUserErrors<Result>(plan: Plan, work: () => Promise<Result>): Promise<Result> {
  let stop = (): void => undefined;
  const failed = new Promise<never>((_, reject) => {
    stop = watchPromises(plan, reject);
  });
  try {
    return await Promise.race([work(), failed]);
  } finally {
    stop();
  }
}
