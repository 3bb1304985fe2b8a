import { isFrame } from '../../../protocol/frames.ts';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure, type Problem } from '../../../errors.ts';
import type { Behaviour, JsonFields } from '../model.ts';
import { behaviourOf, joinedFleet, loadBehaviour, type LoadedBehaviour } from './behaviourModule.ts';
import { placeText } from '../../../protocol/notation/documentText.ts';

/** A plan whose fleets are joined with their modules. */
export interface Joined {
  readonly content: unknown;
  /** The problems of the modules, by module. */
  readonly problems: readonly Problem[];
  /** All modules of the plan, by the name that it uses. */
  readonly modules: ReadonlyMap<string, LoadedBehaviour>;
  readonly behaviour: (file: string, planned: ReadonlySet<string>) => Behaviour | undefined;
}

/** Where the modules of a plan are looked for, and which must not run. */
export interface ModuleReach {
  readonly folder: string;
  /** Returns why a module must not be loaded, as the end of a sentence; undefined if it may be. */
  readonly refusal: (path: string) => string | undefined;
}

/** The ids of devices if neither plan nor module nor flags name any. */
export const defaultId = 'sim-{index}';

/** Loads the behaviour modules of a plan from its folder, and joins them with its fleets. */
export async function withBehaviours(content: unknown, { folder, refusal }: ModuleReach): Promise<Joined> {
  const modules = new Map<string, LoadedBehaviour>();
  const problems: Problem[] = [];
  for (const file of new Set(fleetsOf(content).map(({ behaviour }) => behaviour))) {
    if (typeof file !== 'string') continue;
    const path = resolve(folder, file);
    const refused = refusal(path);
    if (refused !== undefined) problems.push({ at: 'behaviour', message: `names ${file}, which ${refused}` });
    else if (existsSync(path)) await load(file, path, modules, problems);
    else problems.push({ at: 'behaviour', message: `names ${file}, but there is no such file` });
  }
  return {
    content: withModules(content, modules),
    problems,
    modules,
    behaviour: (file, planned) => {
      const module = modules.get(file);
      return module === undefined ? undefined : behaviourOf(module, planned);
    },
  };
}

async function load(
  file: string,
  path: string,
  modules: Map<string, LoadedBehaviour>,
  problems: Problem[],
): Promise<void> {
  try {
    const module = await loadBehaviour(path);
    modules.set(file, module);
    for (const { path: at, message } of module.problems)
      problems.push({ at: `${file}: ${placeText(at)}`.trimEnd(), message });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    problems.push({ at: 'behaviour', message: error.message });
  }
}

function fleetsOf(content: unknown): JsonFields[] {
  const fleets = isFrame(content) ? content['fleets'] : undefined;
  return Array.isArray(fleets) ? fleets.filter(isFrame) : [];
}

/** Joins fleets with their modules. Leaves out modules with problems, so that those are reported once. */
function withModules(content: unknown, modules: ReadonlyMap<string, LoadedBehaviour>): unknown {
  if (!isFrame(content) || !Array.isArray(content['fleets'])) return content;
  const fleets = (content['fleets'] as unknown[]).map((fleet) => {
    if (!isFrame(fleet) || typeof fleet['behaviour'] !== 'string') return fleet;
    const module = modules.get(fleet['behaviour']);
    const whole = module === undefined || module.problems.length > 0 ? fleet : joinedFleet(fleet, module);
    return { ...whole, id: whole['id'] ?? defaultId };
  });
  return { ...content, fleets };
}
