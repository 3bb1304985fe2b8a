import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Failure } from '../../errors.ts';
import {
  compilePlan,
  parsePlan,
  planFailure,
  sorted,
  tableOf,
  withFlags,
  type Flagged,
  type Plan,
  type PlanFlags,
  type PlanProblem,
  type PlanText,
  type Surroundings,
} from '../../simulate/plan/index.ts';
import { fileReason, readOwnFile, textOf } from '../files.ts';
import type { Io } from '../io.ts';
import { cutText } from '../safeText.ts';

/** What `simulate run` and `simulate plan` take their plan from. */
export interface PlanSource {
  /** A plan, a behaviour module, `-` for stdin; absent where flags say all. */
  readonly file: string | undefined;
  readonly flags: PlanFlags;
}

/** Reads a plan and what the flags change in it. Throws a `Failure` that tells all problems: usage where flags or the file cannot be read, invalid where the plan is wrong. */
export async function readPlan({ file, flags }: PlanSource, io: Io): Promise<Plan> {
  const text = file === undefined ? undefined : await planText(file, io);
  const flagged = withFlags(text?.content, flags);
  const folder = file === undefined || file === '-' ? io.cwd : dirname(resolve(io.cwd, file));
  const compiled = compilePlan(flagged.content, surroundings(folder));
  const problems = compiled.kind === 'problems' ? compiled.problems : [];
  if (problems.length === 0 && flagged.problems.length === 0 && compiled.kind === 'plan') return compiled.plan;
  throw failureOf(file === '-' ? 'stdin' : (file ?? 'the plan'), flagged, problems, text);
}

async function planText(file: string, io: Io): Promise<PlanText> {
  const content = file === '-' ? await io.readStdin() : readOwnFile(resolve(io.cwd, file), 'the plan');
  return parsePlan(content, file === '-' ? 'stdin' : file);
}

/** Where flags are wrong it is a failure of usage, and theirs are told first (cli.md 3). */
function failureOf(
  file: string,
  flagged: Flagged,
  problems: readonly PlanProblem[],
  text: PlanText | undefined,
): Failure {
  const { ofFlags, ofFile } = sorted(flagged, problems);
  const ofPlan = planFailure(file, ofFile, text?.locate);
  if (ofFlags.length === 0) return ofPlan;
  const all = [...ofFlags, ...(ofPlan.problems ?? [])];
  const [first] = all;
  const message = all.length === 1 && first !== undefined ? `${first.at} ${first.message}` : `${all.length} problems`;
  return new Failure('usage', message, { hint: 'Help and examples: devicehive simulate plan --help', problems: all });
}

function surroundings(folder: string): Surroundings {
  return {
    table: (file) => {
      try {
        return tableOf(textOf(readFileSync(resolve(folder, file)), cutText(file, 200)));
      } catch (error) {
        return error instanceof Failure ? error.message : `cannot be read: ${fileReason(error)}`;
      }
    },
    behaviour: () => undefined,
  };
}
