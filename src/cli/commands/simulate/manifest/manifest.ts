import { Failure } from '../../../../errors.ts';
import { isLoopback } from '../../../../protocol/loopback.ts';
import { withoutUrlSecrets } from '../../../../protocol/urlSecrets.ts';
import type { Plan, PlanFlags } from '../../../../simulate/index.ts';
import { defaulted, type FlagContext } from '../../../flags/sharedValues.ts';
import { readWholeNumber } from '../../../flags/wholeNumber.ts';
import { requestSettings, targetOf } from '../../../target/settings.ts';
import type { CommonValues, UrlTarget } from '../../../target/serverName.ts';
import { cutText } from '../../../terminal/safeText.ts';
import { version } from '../../../terminal/version.ts';
import type { ReachFlags } from '../planReach.ts';
import type { RunStartValues } from '../run/start.ts';
import { processCount } from '../processCount.ts';
import { readPlan, type ReadPlan } from '../readPlan.ts';
import { refuseHomeless, travellingWords, flagWords, type FlagValues } from './flagFates.ts';
import { kubernetesManifest } from './kubernetes.ts';
import { podConnection } from './podConnection.ts';
import { podFiles, type PodFiles } from './podFiles.ts';
import { jobName, labelsOf } from './podNames.ts';
import { podResources } from './podResources.ts';
import { podStart } from './podStart.ts';
import { podTimes } from './podTimes.ts';
import { programSource } from './programSource.ts';

/** Flags of `simulate run --manifest`. */
export type ManifestValues = CommonValues &
  PlanFlags &
  ReachFlags &
  RunStartValues & {
    readonly manifest?: string;
    readonly shards?: string;
    readonly image?: string;
    readonly package?: string;
    readonly name?: string;
    readonly cpu?: string;
    readonly memory?: string;
    readonly planInImage?: string;
    readonly processes?: string;
    readonly cleanup?: boolean;
    readonly metrics?: string;
  };

/** The range of `--shards`: an Indexed Job may have so many parts. */
const shardRange = {
  least: 1,
  most: 99_999,
  hint: 'Such as --shards 20: as many pods, each with its share of the devices.',
};

/** `devicehive simulate run PLAN --manifest kubernetes --shards 20`: prints the YAML and runs nothing. */
export async function simulateManifest(file: string | undefined, context: FlagContext<ManifestValues>): Promise<void> {
  const { io, values } = context;
  const shards = shardsOf(values);
  refuseHomeless(values as FlagValues);
  // refuses now what each pod would refuse
  requestSettings(context);
  const program = programSource(values);
  const metricsPort = metricsPortOf(values.metrics);
  const target = await targetFor(context);
  const connection = podConnection(target, context);
  const text = file === '-' ? await io.readStdin() : undefined;
  const read = await readPlan({ file, flags: values, text }, io);
  refuseIdle(read.plan, shards);
  const start = podStart(values, read.plan, shards);
  const packed = await packedFiles({ file, text, read, ca: connection.ca }, context);
  const name = jobName(values.name, read.digest, shards);
  const manifest = await kubernetesManifest({
    name,
    labels: labelsOf(name, version()),
    version: version(),
    shards,
    program,
    files: packed.files,
    args: argumentsOf({ packed, shards, more: [...start.words, ...connection.words] }, context),
    workingDir: packed.workingDir,
    url: target.url,
    secrets: connection.secrets,
    credentials: values.tokenFile === undefined ? 'login' : 'token',
    metricsPort,
    resources: podResources(read.plan, shards, { ...values, processes: processCount(values) }),
    ...podTimes(read.plan, { ...values, startMs: start.atMostMs }),
  });
  io.out(manifest);
}

function shardsOf({ manifest = '', shards }: ManifestValues): number {
  if (manifest !== 'kubernetes')
    throw new Failure('usage', `--manifest '${cutText(manifest)}' is not known`, {
      hint: 'Write --manifest kubernetes.',
    });
  if (shards !== undefined) return readWholeNumber(shards, '--shards', shardRange);
  throw new Failure('usage', '--manifest needs --shards, the number of parts', { hint: shardRange.hint });
}

/** Refuses more parts than devices: one without devices measures nothing, and would end with 11. */
function refuseIdle({ deviceCount }: Plan, shards: number): void {
  if (shards <= deviceCount) return;
  const devices = deviceCount === 1 ? 'one device' : `${deviceCount} devices`;
  throw new Failure(
    'usage',
    `--shards ${shards} is more than the plan has devices: ${shards} pods cannot share ${devices}`,
    {
      hint: `Write --shards ${deviceCount} at most.`,
    },
  );
}

function metricsPortOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return readWholeNumber(text, '--metrics', {
    least: 1024,
    most: 65_535,
    hint: 'The pods listen on their own addresses; they do not run as root, so that the port is 1024 or more.',
  });
}

/** The given plan: its text if it came on stdin, and its content. */
interface GivenPlan {
  readonly file: string | undefined;
  readonly text: string | undefined;
  readonly read: ReadPlan;
  readonly ca: string | undefined;
}

/** Refuses credentials in a plan: everybody who may read the ConfigMap would see them. */
function refuseCredentials({ fleets }: Plan): void {
  if (fleets.every(({ credentials }) => credentials === undefined)) return;
  throw new Failure(
    'usage',
    'the plan has credentials of devices, which a ConfigMap would show to all who may read it',
    {
      hint: 'Put the plan and its files into the image: --image IMAGE --plan-in-image PATH.',
    },
  );
}

/** Returns the files for the ConfigMap; only the certificate authority if the plan is in the image. */
async function packedFiles(
  { file, text, read, ca }: GivenPlan,
  context: FlagContext<ManifestValues>,
): Promise<PodFiles> {
  const { io, values } = context;
  const { planInImage } = values;
  if (planInImage === undefined) refuseCredentials(read.plan);
  if (planInImage === undefined) return podFiles({ ...read, file, text, ca }, io.cwd);
  if (file === undefined || values.image === undefined || !planInImage.startsWith('/'))
    throw new Failure('usage', '--plan-in-image needs an absolute path, --image, and the same plan as a file here', {
      hint: 'Such as: simulate run fleet.yaml --image IMAGE --plan-in-image /plan/fleet.yaml',
    });
  const nothing = { file: undefined, text: undefined, modules: new Map<string, never>(), tables: new Set<string>() };
  return {
    ...(await podFiles({ ...nothing, ca }, io.cwd)),
    plan: planInImage,
    isOutside: values.allowOutside === true,
  };
}

/** The parts of the command line that all pods share. */
interface PodWords {
  readonly packed: PodFiles;
  readonly shards: number;
  readonly more: readonly string[];
}

/** The words after `simulate run`. */
function argumentsOf({ packed, shards, more }: PodWords, { io, values }: FlagContext<ManifestValues>): string[] {
  const { plan, isOutside } = packed;
  const timeout = defaulted('timeout', values.timeout, io)?.text;
  return [
    ...(plan === undefined ? [] : [plan]),
    '--shards',
    String(shards),
    '--json',
    ...more,
    ...(isOutside ? ['--allow-outside'] : []),
    ...(timeout === undefined ? [] : flagWords('--timeout', timeout)),
    ...travellingWords(values as FlagValues),
  ];
}

async function targetFor({ io, values }: FlagContext<CommonValues>): Promise<UrlTarget> {
  // here --seed is the plan's, a number
  const { seed: _seed, ...rest } = values;
  const target = await targetOf({ io, values: rest });
  if (target.kind !== 'url')
    throw new Failure('usage', '--manifest needs the server that the pods are to reach', {
      hint: 'Name it with --url or --context.',
    });
  if (withoutUrlSecrets(target.url) !== target.url)
    throw new Failure('usage', 'the URL of the server holds a secret, which everyone could read in the YAML', {
      hint: "Leave it out; a gateway's login travels as a Secret with --header 'Authorization: @FILE'.",
    });
  if (isLoopback(new URL(target.url).hostname))
    io.warn(`${target.url} is this machine; in a pod it is the pod itself: name the server as the cluster reaches it`);
  return target;
}
