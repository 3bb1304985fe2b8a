import { userFailure, type Plan } from '../../simulate/plan/index.ts';

/**
 * Does what calls a plan's behaviour modules. A promise of theirs that fails while nobody awaits it ends the work as an error they threw would, rather than the process.
 */
export async function withUserErrors<Result>(plan: Plan, work: () => Promise<Result>): Promise<Result> {
  const file = plan.fleets.find(({ behaviour }) => behaviour !== undefined)?.behaviour?.file;
  if (file === undefined) return work();
  let onRejection = (_reason: unknown): void => undefined;
  const failed = new Promise<never>((_, reject) => {
    onRejection = (reason) => reject(userFailure(reason, file, 'failed in a promise that nobody awaits'));
  });
  process.on('unhandledRejection', onRejection);
  try {
    return await Promise.race([work(), failed]);
  } finally {
    process.off('unhandledRejection', onRejection);
  }
}
