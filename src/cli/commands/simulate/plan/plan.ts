import { plannedEvents, shardOf, type Plan, type PlanFlags, type Shard } from '../../../../simulate/index.ts';
import type { Io } from '../../../terminal/io.ts';
import { whileBusy } from '../../../terminal/waiting/longWait.ts';
import { PatientOutput } from '../../../terminal/patientOutput.ts';
import type { CommonValues } from '../../../target/serverName.ts';
import { readPlan } from '../readPlan.ts';
import { warnOfShortRamp } from '../shortRamp.ts';
import { withUserErrors } from '../run/userErrors.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

/** The flags of `simulate plan` besides the common ones. */
type PlanValues = CommonValues & PlanFlags & { readonly shard?: string; readonly shards?: string };

/** The part shown of a plan without an end, in ms. */
const shownMs = 60_000;

/** The plan's clock begins at 0, so that times shown are those of the run, not of today. */
const clock = { originMs: 0 };

/** `devicehive simulate plan`: prints what would happen, on a virtual clock. */
export async function simulatePlan(file: string | undefined, context: FlagContext<PlanValues>): Promise<void> {
  const { io, values } = context;
  const shard = shardOf(values, io.env['JOB_COMPLETION_INDEX']);
  const { plan: whole } = await readPlan({ file, flags: values, command: 'simulate plan' }, io);
  const plan = withEnd(whole, io);
  warnOfShortRamp(plan, io);
  const count = await withUserErrors(plan, async () => {
    if (!io.stdoutIsTerminal || values.json === true)
      return whileBusy(io, 'writing the events of the plan', () => printEvents(plan, shard, io));
    const { showPlan } = await import('./showPlan.ts');
    return showPlan(whole, plan, shard, context);
  });
  if (count === 0) io.note('nothing happens by itself: the devices wait for commands');
}

function withEnd(plan: Plan, io: Io): Plan {
  if (plan.load.forMs !== undefined) return plan;
  io.note(`the plan has no end: its first ${shownMs / 1000} s are shown (--for says otherwise)`);
  return { ...plan, load: { ...plan.load, forMs: shownMs } };
}

/** Prints one line for each event, no faster than stdout is read. Returns their number. */
async function printEvents(plan: Plan, shard: Shard, io: Io): Promise<number> {
  const patient = new PatientOutput(io);
  let count = 0;
  for await (const events of plannedEvents(plan, shard, clock)) {
    count += events.length;
    patient.io.out(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    if (!(await patient.hasRoom())) break;
  }
  await patient.end();
  return count;
}
