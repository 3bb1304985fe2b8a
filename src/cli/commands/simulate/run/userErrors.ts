import { dirname } from 'node:path';
import { userFailure, type Plan } from '../../../../simulate/index.ts';

/**
 * Watches for what a plan's behaviour modules throw where nobody catches it, in promises that nobody awaits and in
 * callbacks of Node's: such a one would end the process with nothing cleaned up. The function returned stops that.
 * Where no module is played nothing is watched, and what comes from no module stays what it is: a mistake of our own.
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

/**
 * Does what calls a plan's behaviour modules. What they throw where nobody catches it ends the work as an error they
 * threw to us would.
 */
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
