import { Failure, messageOf } from '../../../../errors.ts';
import { spokenDevices, wholeRun, type Plan } from '../../../../simulate/index.ts';
import type { Access } from '../../../target/access.ts';
import type { Way } from '../../../target/connecting.ts';
import type { Io } from '../../../terminal/io.ts';
import { whileBusy } from '../../../terminal/waiting/longWait.ts';
import { requestSettings } from '../../../target/settings.ts';
import type { CommonValues } from '../../../target/serverName.ts';
import { linkOptions } from '../server.ts';
import { playHere, type Playing } from './playedPlan.ts';
import type { ReachFlags } from '../planReach.ts';
import { readPlan } from '../readPlan.ts';
import { watchModules, withUserErrors } from './userErrors.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

/** How long requests in flight may take after the work, in ms. */
const drainMs = 1000;

/**
 * Runs work while the devices of a plan play. They are up before it begins and play until it ends, even after the
 * plan's own end.
 */
export async function withDevices<Result>(
  file: string,
  access: Access & { readonly way: Way },
  context: FlagContext<CommonValues & ReachFlags>,
  work: () => Promise<Result>,
): Promise<Result> {
  const { io, values } = context;
  const flags = { allowOutside: values.allowOutside === true };
  const plan = endless((await readPlan({ file, flags }, io)).plan);
  const { url, accessToken, refreshToken, way } = access;
  const credentials = {
    ...(accessToken === undefined ? {} : { accessToken }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  };
  const options = await linkOptions({ url, credentials, way }, plan, context);
  const playing = await playHere({
    plan,
    shard: wholeRun,
    part: wholeRun,
    options,
    retries: requestSettings(context).retries,
  });
  let isTelling = false;
  const failed = (error: unknown) => {
    playing.stop();
    if (isTelling) io.warn(`the simulation ended: ${messageOf(error)}`);
    isTelling = false;
  };
  // until the process ends: a module's timers go on
  watchModules(plan, failed);
  try {
    await whileBusy(io, 'bringing the devices up', () => withUserErrors(plan, () => up(playing, io)));
    isTelling = true;
    playing.over.catch(failed);
    return await work();
  } finally {
    const { left } = await playing.finish({ drainMs, cleansUp: true });
    if (left > 0) io.warn(`${left} devices that this command has made could not be removed`);
  }
}

async function up(playing: Playing, io: Io): Promise<void> {
  const stop = () => playing.stop();
  io.signal.addEventListener('abort', stop, { once: true });
  await playing.prepare();
  if (!io.signal.aborted) await playing.begin(playing.soonestMs());
  io.signal.removeEventListener('abort', stop);
  if (io.signal.aborted) throw new Failure('interrupted', 'stopped before the command was started');
  io.note(`${spokenDevices(playing.deviceCount)} ${playing.deviceCount === 1 ? 'is' : 'are'} up`);
}

function endless(plan: Plan): Plan {
  const { forMs: _forMs, ...load } = plan.load;
  return { ...plan, load };
}
