import { dirname } from 'node:path';
import { userFailure, type Plan } from '../../../../simulate/index.ts';

/**
 * Watches for uncaught errors of a plan's behaviour modules, in unawaited promises and in Node's callbacks: they would
 * end the process before it cleans up. Returns a function that ends the watch. Other errors stay bugs.
 */
export function watchModules({ fleets }: Plan, fail: (error: unknown) => void): () => void {
  const file = fleets.find(({ behaviour }) => behaviour !== undefined)?.behaviour?.file;
  if (file === undefined) return () => undefined;
  const onRejection = (reason: unknown) => fail(userFailure(reason, file, 'failed in a promise that nobody awaits'));
  const onException = (error: unknown) => {
    const isOurs = error instanceof Error && error.stack?.includes(dirname(file)) === false;
    fail(isOurs ? error : userFailure(error, file, 'failed in a callback'));
  };
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return () => {
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
  };
}

/** Runs work that calls a plan's behaviour modules. Their uncaught errors end the work as thrown ones do. */
export async function withUserErrors<Result>(plan: Plan, work: () => Promise<Result>): Promise<Result> {
  let stop = (): void => undefined;
  const failed = new Promise<never>((_, reject) => {
    stop = watchModules(plan, reject);
  });
  try {
    return await Promise.race([work(), failed]);
  } finally {
    stop();
  }
}
