import { basename } from 'node:path';
import { Failure } from '../../../../errors.ts';
import { readOwnFile } from '../../../terminal/files.ts';
import type { PlanFlags } from '../../../../simulate/index.ts';
import { cutText } from '../../../terminal/safeText.ts';
import { targetOf, type CommonValues } from '../../../target/settings.ts';
import { readPlan } from '../readPlan.ts';
import { version } from '../../../terminal/version.ts';
import { kubernetesManifest } from './kubernetes.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';

/** Flags of `simulate run --manifest`. */
export type ManifestValues = CommonValues &
  PlanFlags & {
    readonly manifest?: string;
    readonly shards?: string;
    readonly image?: string;
  };

/** Flags of a run that mean the same in each of its parts. */
const forwarded = [
  'devices',
  'id',
  'notify',
  'on',
  'network',
  'deviceType',
  'seed',
  'for',
  'ramp',
  'connections',
  'processes',
  'timeout',
  'allowLarge',
  'cleanup',
] as const;

/**
 * `devicehive simulate run PLAN --manifest kubernetes --shards 20`: prints the YAML and runs nothing.
 */
export async function simulateManifest(file: string | undefined, context: FlagContext<ManifestValues>): Promise<void> {
  const { io, values } = context;
  if (values.manifest !== 'kubernetes') {
    throw new Failure('usage', `--manifest '${cutText(values.manifest ?? '')}' is not known`, {
      hint: 'Write --manifest kubernetes.',
    });
  }
  const shards = /^[1-9]\d{0,4}$/.test(values.shards ?? '') ? Number(values.shards) : undefined;
  if (shards === undefined) {
    throw new Failure('usage', '--manifest needs --shards, the number of parts', {
      hint: 'Such as --shards 20: as many pods, each with its share of the devices.',
    });
  }
  if (file === '-' || /\.[cm]?[jt]s$/.test(file ?? '')) {
    throw new Failure('usage', '--manifest needs a plan file, or flags alone', {
      hint: 'Write the plan to a YAML or JSON file first.',
    });
  }
  const { modules, tables } = await readPlan({ file, flags: values }, io);
  const others = [...modules.keys(), ...tables];
  if (others.length > 0) {
    throw new Failure('usage', `--manifest takes the plan to the pods, but not ${others.join(', ')}`, {
      hint: 'Build an image that holds the plan and these files, and run devicehive simulate run there.',
    });
  }
  io.out(
    await kubernetesManifest({
      plan: file === undefined ? undefined : { name: safeName(file), text: readOwnFile(file, 'the plan') },
      args: runArguments(values as Readonly<Record<string, unknown>>),
      url: await urlOf(context),
      shards,
      version: version(),
      image: values.image ?? 'node:22-slim',
    }),
  );
}

/** The key of a ConfigMap holds letters, digits, dots, dashes and underscores only. */
function safeName(file: string): string {
  return basename(file).replace(/[^\w.-]/g, '-');
}

async function urlOf({ io, values }: FlagContext<CommonValues>): Promise<string> {
  // here --seed is a number, that of the plan
  const { seed: _seed, ...rest } = values;
  const target = await targetOf({ io, values: rest });
  if (target.kind === 'url') return target.url;
  throw new Failure('usage', '--manifest needs the server that the pods are to reach', {
    hint: 'Name it with --url or --context.',
  });
}

function runArguments(values: Readonly<Record<string, unknown>>): string[] {
  return forwarded.flatMap((name) => {
    const value = values[name] as string | readonly string[] | boolean | undefined;
    if (value === undefined || value === false) return [];
    const flag = `--${name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) return [flag];
    return [value].flat().flatMap((part) => [flag, part]);
  });
}
