import { readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { Failure } from '../../../../errors.ts';
import { needsOf } from '../../../../simulate/index.ts';
import { fileReason } from '../../../terminal/files.ts';
import { cutText } from '../../../terminal/safeText.ts';
import type { ReadPlan } from '../readPlan.ts';

/** A file that travels in the ConfigMap. */
export interface PodFile {
  /** Its key in the ConfigMap: letters, digits, dots, dashes and underscores only. */
  readonly key: string;
  /** The folder in which pods find it, and its path below that. */
  readonly mount: '/plan' | '/ca';
  readonly path: string;
  readonly content: Buffer;
}

/** The files of a plan, in the same folders in pods as here. */
export interface PodFiles {
  readonly files: readonly PodFile[];
  /** The path of the plan in pods; undefined if flags alone make the plan. */
  readonly plan: string | undefined;
  /** The folder in which flags look for files. */
  readonly workingDir: string | undefined;
  /** True if the plan uses files outside its own folder. */
  readonly isOutside: boolean;
}

/** A plan with its source: a file, or the text of stdin. */
export interface TravellingPlan extends Pick<ReadPlan, 'modules' | 'tables'> {
  readonly file: string | undefined;
  readonly text: string | undefined;
  readonly ca: string | undefined;
}

/** The most bytes that a ConfigMap may hold. */
const mostBytes = 1_048_576;

/** Returns the plan with all files it uses. Throws a usage `Failure` if those cannot travel. */
export async function podFiles(plan: TravellingPlan, cwd: string): Promise<PodFiles> {
  const { file, text, ca } = plan;
  const planFile = file === undefined ? undefined : resolve(cwd, file === '-' ? 'plan.yaml' : file);
  const folder = planFile === undefined ? cwd : dirname(planFile);
  const used = await usedFiles(plan, folder);
  const all = new Set([...(planFile === undefined ? [] : [planFile]), ...used]);
  const root = commonFolder([folder, ...[...used].map((path) => dirname(path))]);
  const below = (path: string) => relative(root, path).split(sep).join('/');
  const contents = [...all].map((path) => ({
    mount: '/plan' as const,
    path: below(path),
    content: path === planFile && text !== undefined ? Buffer.from(text) : contentOf(path),
  }));
  const authority = ca === undefined ? [] : [{ mount: '/ca' as const, path: 'ca.pem', content: Buffer.from(ca) }];
  const files = keyed([...contents, ...authority]);
  refuseHeavy(files);
  return {
    files,
    plan: planFile === undefined ? undefined : `/plan/${below(planFile)}`,
    workingDir: planFile === undefined && used.size > 0 ? `/plan/${below(cwd)}`.replace(/\/$/, '') : undefined,
    isOutside: root !== folder,
  };
}

/** Returns the modules and tables of a plan, and all files that the modules import. */
async function usedFiles({ modules, tables }: TravellingPlan, folder: string): Promise<Set<string>> {
  const absolute = [...modules.keys(), ...tables].find((name) => isAbsolute(name));
  if (absolute !== undefined)
    throw unfit(`the plan names ${absolute}, which is elsewhere in a pod`, 'Name it by its path from the plan.');
  const files = new Set([...tables].map((name) => resolve(folder, name)));
  for (const name of modules.keys()) {
    const needs = await needsOf(resolve(folder, name));
    const [pack] = needs.packages;
    if (pack !== undefined) throw unfit(`${name} imports ${pack}, which no pod has`, imageWay);
    for (const file of needs.files) files.add(file);
  }
  return files;
}

const imageWay =
  'Build an image that holds devicehive, the plan and its files (COPY . /plan), and give it with --image and --plan-in-image /plan/FILE.';

function unfit(message: string, hint: string): Failure {
  return new Failure('usage', `--manifest: ${message}`, { hint });
}

function refuseHeavy(files: readonly PodFile[]): void {
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (bytes <= mostBytes) return;
  const mebibytes = (bytes / mostBytes).toFixed(1);
  throw unfit(`the plan and its files weigh ${mebibytes} MiB, and a ConfigMap holds 1 MiB`, imageWay);
}

function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new Failure('usage', `--manifest: cannot read '${cutText(path, 200)}': ${fileReason(cause)}`, {
      hint: 'Check the path.',
      cause,
    });
  }
}

function commonFolder(folders: readonly string[]): string {
  const [first = sep, ...others] = folders;
  const isAbove = (folder: string) => others.every((other) => !relative(folder, other).split(sep).includes('..'));
  let folder = first;
  while (!isAbove(folder) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

/** Gives each file a unique key. */
function keyed(files: readonly Omit<PodFile, 'key'>[]): PodFile[] {
  const keys = new Set<string>();
  return files.map((file) => {
    const plain = basename(file.path)
      .replace(/[^\w.-]/g, '-')
      .replace(/^\.+/, '')
      .slice(-200);
    let key = plain === '' ? 'file' : plain;
    for (let next = 2; keys.has(key); next++) key = `${next}-${plain}`;
    keys.add(key);
    return { ...file, key };
  });
}
