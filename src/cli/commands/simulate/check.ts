import { resolve } from 'node:path';
import { Failure } from '../../../errors.ts';
import { isFrame } from '../../../protocol/frames.ts';
import { documentProblems } from '../../../protocol/validation.ts';
import {
  everyCommand,
  parsePlan,
  planFailure,
  trialsOf,
  tried,
  type CheckCase,
  type CheckOutcome,
  type Plan,
  type PlanText,
  type Trial,
} from '../../../simulate/index.ts';
import { readOwnFile } from '../../terminal/files.ts';
import type { Io } from '../../terminal/io.ts';
import { safeLine } from '../../terminal/safeText.ts';
import type { ReachFlags } from './planReach.ts';
import { readPlan, type ReadPlan } from './readPlan.ts';
import { withUserErrors } from './run/userErrors.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** The flags of `simulate check` besides the common ones. */
interface CheckValues extends ReachFlags {
  readonly script?: string;
  readonly seed?: string;
}

/**
 * `devicehive simulate check`: tries devices on a virtual clock and prints TAP. Throws `assertion` if a check fails.
 */
export async function simulateCheck(file: string, { io, values }: FlagContext<CheckValues>): Promise<void> {
  const { seed, allowOutside = false } = values;
  const flags = { ...(seed === undefined ? {} : { seed }), allowOutside };
  const read = await readPlan({ file, flags, command: 'simulate check' }, io);
  const trials = await trialsFor(read, file, values.script, io);
  io.out(`TAP version 14\n1..${trials.length}\n`);
  const failed = await withUserErrors(read.plan, () => tryAll(read.plan, trials, io));
  if (failed === 0) return;
  throw new Failure('assertion', `${failed} of ${trials.length} checks failed`, {
    hint: 'What each of them saw is above.',
  });
}

async function tryAll(plan: Plan, trials: readonly Trial[], io: Io): Promise<number> {
  let failed = 0;
  for (const [index, trial] of trials.entries()) {
    const outcome = await tried(plan, trial, io.signal);
    if (io.signal.aborted) throw new Failure('interrupted', 'stopped before all checks were done');
    if (outcome.problems.length > 0) failed++;
    io.out(tapOf(outcome, index + 1));
  }
  return failed;
}

/**
 * Returns a test point of TAP 14, in which `#` would begin a directive; what the device did follows as a comment or,
 * after a failure, as YAML.
 */
function tapOf({ name, problems, reports }: CheckOutcome, number: number): string {
  const title = safeLine(name).replaceAll('\\', '\\\\').replaceAll('#', '\\#');
  const seen = reports.map(({ afterMs, status, result }) => ({ afterMs, status, result }));
  if (problems.length === 0) {
    const told = reports.map(({ afterMs, status = 'a result' }) => `${status} after ${afterMs}ms`).join(', ');
    return `ok ${number} - ${title}\n${told === '' ? '' : `# ${safeLine(told)}\n`}`;
  }
  const lines = [
    'problems:',
    ...problems.map((problem) => `  - ${JSON.stringify(safeLine(problem))}`),
    'reports:',
    ...seen.map((report) => `  - ${JSON.stringify(report)}`),
  ];
  const body = seen.length === 0 ? lines.slice(0, -1) : lines;
  return `not ok ${number} - ${title}\n  ---\n${body.map((line) => `  ${line}\n`).join('')}  ...\n`;
}

/** Returns the cases of a script, else those of the modules, else each command once. */
async function trialsFor(
  { plan, modules }: ReadPlan,
  file: string,
  script: string | undefined,
  io: Io,
): Promise<readonly Trial[]> {
  if (script !== undefined) {
    const text = await parsePlan(readOwnFile(resolve(io.cwd, script), '--script'), script, 'script');
    return trialsIn(text.content, script, plan, text);
  }
  const exported = [...modules.values()].filter(({ cases }) => cases !== undefined);
  if (exported.length === 0) return everyCommand(plan);
  return exported.flatMap((module) => {
    const fleet = plan.fleets.find(({ behaviour }) => behaviour?.file === module.file);
    const own = fleet === undefined || plan.fleets.length === 1 ? {} : { fleet: fleet.id };
    const cases = Array.isArray(module.cases)
      ? module.cases.map((one: unknown) => (isFrame(one) ? { ...own, ...one } : one))
      : module.cases;
    return trialsIn({ cases }, `cases of ${file}`, plan, undefined);
  });
}

function trialsIn(content: unknown, file: string, plan: Plan, text: PlanText | undefined): readonly Trial[] {
  const problems = documentProblems('script', content);
  if (problems.length > 0) throw planFailure(file, problems, { locate: text?.locate, schema: 'script' });
  const trials = trialsOf(plan, (content as { readonly cases: readonly CheckCase[] }).cases);
  if (typeof trials !== 'string') return trials;
  throw new Failure('invalid', `${file}: ${trials}`, { hint: 'A case names a fleet by its id as the plan has it.' });
}
