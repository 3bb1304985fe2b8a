import { Failure } from '../../../../errors.ts';
import { own } from '../../../../protocol/own.ts';

/** What a manifest does with a flag of `simulate run`. */
type FlagFate = 'travels' | 'used' | { readonly refused: string };

const embedded = { refused: 'shapes a server inside one process, which no other pod reaches' };
const whole = { refused: 'changes what a part prints, and report merge needs the whole of it as JSON' };

/** By the flag's name as commander writes it; a flag that is missing here is refused, never dropped. */
export const flagFates: Readonly<Record<string, FlagFate>> = {
  devices: 'travels',
  id: 'travels',
  notify: 'travels',
  on: 'travels',
  network: 'travels',
  deviceType: 'travels',
  seed: 'travels',
  for: 'travels',
  ramp: 'travels',
  connections: 'travels',
  processes: 'travels',
  cleanup: 'travels',
  connectTimeout: 'travels',
  retry: 'travels',
  quiet: 'travels',
  timeout: 'used',
  startAt: 'used',
  startTogether: 'used',
  startTimeout: 'used',
  manifest: 'used',
  shards: 'used',
  image: 'used',
  package: 'used',
  name: 'used',
  cpu: 'used',
  memory: 'used',
  planInImage: 'used',
  metrics: 'used',
  url: 'used',
  context: 'used',
  tokenFile: 'used',
  envFile: 'used',
  ca: 'used',
  cert: 'used',
  key: 'used',
  header: 'used',
  tlsInsecure: 'used',
  allowOutside: 'used',
  json: 'used',
  input: 'used',
  color: 'used',
  shard: { refused: 'names one part, and a pod learns which part it is from JOB_COMPLETION_INDEX' },
  report: { refused: 'writes a file that ends with its pod: give it to report merge' },
  readyFile: { refused: 'writes a file that nobody outside the pod can see' },
  traceFile: { refused: 'writes a file that ends with its pod: record a run on this machine' },
  dashboard: {
    refused: "is a page on the pod's own 127.0.0.1, which no browser reaches: --metrics PORT shows live figures",
  },
  verbose: { refused: 'writes every frame to the log, which is cut at 10 MiB and holds the result' },
  token: { refused: 'would write the token into the YAML: give --token-file, which travels as a Secret' },
  output: whole,
  query: whole,
  queryRequired: whole,
  envelope: whole,
  embedded: { refused: 'is a server inside one process, which no other pod reaches: name one with --url' },
  answerAll: embedded,
  strict: embedded,
  latency: embedded,
  demo: embedded,
  allowHost: embedded,
  allowOrigin: embedded,
};

/** The values of a command line, by the flags' names as commander writes them. */
export type FlagValues = Readonly<Record<string, unknown>>;

/** Throws a usage `Failure` that names all flags that make no sense in a pod, and why. */
export function refuseHomeless(values: FlagValues): void {
  const problems = given(values).flatMap(([name]) => {
    const fate = own(flagFates, name);
    if (fate === 'travels' || fate === 'used') return [];
    return [{ at: flagOf(name), message: fate?.refused ?? 'is not known to --manifest' }];
  });
  const [first] = problems;
  if (first === undefined) return;
  const message =
    problems.length === 1 ? `${first.at} ${first.message}` : `${problems.length} flags have no place in a pod`;
  const hint = `Leave ${problems.map(({ at }) => at).join(', ')} out, or run it on this machine without --manifest.`;
  throw new Failure('usage', message, problems.length === 1 ? { hint } : { hint, problems });
}

/** Returns the words of the flags that mean the same in each pod. */
export function travellingWords(values: FlagValues): string[] {
  return given(values)
    .filter(([name]) => own(flagFates, name) === 'travels')
    .flatMap(([name, value]) => {
      if (value === true) return [flagOf(name)];
      return [value as string | readonly string[]].flat().flatMap((part) => flagWords(flagOf(name), part));
    });
}

/** Returns a flag with its value; as one word if the value looks like a flag. */
export function flagWords(flag: string, value: string): string[] {
  return value.startsWith('-') ? [`${flag}=${value}`] : [flag, value];
}

/** Returns the flags that were given; `--no-color` and the like are true unless given. */
function given(values: FlagValues): [name: string, value: unknown][] {
  return Object.entries(values).filter(([name, value]) => {
    const isSwitchedOff = name === 'input' || name === 'demo' || name === 'color';
    return value !== undefined && value !== isSwitchedOff;
  });
}

function flagOf(name: string): string {
  return `--${name === 'demo' ? 'no-demo' : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
