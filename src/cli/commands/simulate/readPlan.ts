import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Failure, type Problem } from '../../../errors.ts';
import {
  compilePlan,
  isModuleFile,
  parsePlan,
  planFailure,
  sorted,
  tableOf,
  withBehaviours,
  withFlags,
  type Flagged,
  type LoadedBehaviour,
  type Plan,
  type PlanFlags,
  type PlanProblem,
  type PlanText,
  type CsvTable,
} from '../../../simulate/index.ts';
import { fileReason, readOwnFile, readText } from '../../terminal/files.ts';
import type { Io } from '../../terminal/io.ts';
import { cutText } from '../../terminal/safeText.ts';
import { reachOf, type PlanReach, type ReachFlags } from './planReach.ts';

/** The sources of a plan for `simulate run` and `simulate plan`. */
export interface PlanSource {
  /** A plan, a behaviour module, or `-` for stdin; absent if flags alone make the plan. */
  readonly file: string | undefined;
  readonly flags: PlanFlags & ReachFlags;
  /** The text of stdin, if it has been read already. */
  readonly text?: string | undefined;
  /** The command whose help explains the flags; `simulate run` by default. */
  readonly command?: string;
}

/**
 * A plan with its digest (only results with equal digests are added), the further exports of its fleets' modules, and
 * the CSV files that it reads.
 */
export interface ReadPlan {
  readonly plan: Plan;
  readonly digest: string;
  /** The file without its folder; undefined if flags alone make the plan. */
  readonly name: string | undefined;
  readonly modules: ReadonlyMap<string, LoadedBehaviour>;
  readonly tables: ReadonlySet<string>;
}

/**
 * Reads a plan and applies the flags. Throws a `Failure` with all problems: usage if flags or the file cannot be read,
 * invalid if the plan is wrong.
 */
export async function readPlan(
  { file, flags, text: stdin, command = 'simulate run' }: PlanSource,
  io: Io,
): Promise<ReadPlan> {
  const text = file === undefined ? undefined : await planText(file, stdin, io);
  const reach = reachOf(file, io, flags);
  const joined = await withBehaviours(text?.content, reach);
  const flagged = withFlags(joined.content, flags);
  const tables = new Set<string>();
  const tableNamed = (name: string) => {
    tables.add(name);
    return table(reach, name);
  };
  const compiled = compilePlan(flagged.content, { table: tableNamed, behaviour: joined.behaviour });
  const problems = compiled.kind === 'problems' ? compiled.problems : [];
  const others = [...flagged.problems, ...joined.problems];
  if (problems.length === 0 && others.length === 0 && compiled.kind === 'plan')
    return {
      plan: compiled.plan,
      digest: digestOf(flagged.content),
      name: file === '-' ? 'stdin' : file === undefined ? undefined : basename(file),
      modules: joined.modules,
      tables,
    };
  throw failureOf({ file, command, text, flagged, ofModules: joined.problems, problems });
}

function digestOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}

/** Returns the text of a plan; a behaviour module alone becomes a plan of one fleet. */
async function planText(file: string, stdin: string | undefined, io: Io): Promise<PlanText> {
  if (isModuleFile(file)) {
    if (!existsSync(resolve(io.cwd, file))) readOwnFile(resolve(io.cwd, file), 'the behaviour module');
    return { content: { fleets: [{ behaviour: `./${basename(file)}` }] }, locate: undefined };
  }
  const content = file === '-' ? (stdin ?? (await io.readStdin())) : readOwnFile(resolve(io.cwd, file), 'the plan');
  return parsePlan(content, file === '-' ? 'stdin' : file);
}

/** A plan that cannot be played, with the reasons. */
interface WrongPlan {
  readonly file: string | undefined;
  readonly command: string;
  readonly text: PlanText | undefined;
  readonly flagged: Flagged;
  readonly ofModules: readonly Problem[];
  readonly problems: readonly PlanProblem[];
}

/** Returns the failure of a wrong plan: a usage failure if flags are wrong, which come first. */
function failureOf({ file, command, text, flagged, ofModules, problems }: WrongPlan): Failure {
  const { ofFlags, ofFile } = sorted(flagged, problems);
  const at = file === '-' ? 'stdin' : (file ?? 'the plan');
  const failure = planFailure(at, ofFile, { locate: text?.locate, others: ofModules });
  if (ofFlags.length === 0) return failure;
  const all = [...ofFlags, ...(failure.problems ?? [])];
  const [first] = all;
  const message = all.length === 1 && first !== undefined ? `${first.at} ${first.message}` : `${all.length} problems`;
  return new Failure('usage', message, { hint: `Help and examples: devicehive ${command} --help`, problems: all });
}

function table({ folder, refusal }: PlanReach, file: string): CsvTable | string {
  const path = resolve(folder, file);
  try {
    return refusal(path) ?? tableOf(readText(path, cutText(file, 200)));
  } catch (error) {
    return error instanceof Failure ? error.message : `cannot be read: ${fileReason(error)}`;
  }
}
