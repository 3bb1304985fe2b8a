import { Failure } from '../../../../errors.ts';
import { cutText } from '../../../terminal/safeText.ts';

/** The longest label of a host name (RFC 1123): a pod's is the Job's name, a dash and its index. */
const longestLabel = 63;

/**
 * Returns the name of a Job and its ConfigMap: the given one, or a new one for each printing. Throws a usage `Failure`
 * if a cluster would refuse it.
 */
export function jobName(given: string | undefined, digest: string, shards: number): string {
  if (given === undefined) return `devicehive-simulation-${digest.slice(0, 6)}-${Date.now().toString(36)}`;
  const longest = longestLabel - `-${shards - 1}`.length;
  if (given.length <= longest && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(given)) return given;
  throw new Failure('usage', `--name '${cutText(given)}' is no name that Kubernetes takes for ${shards} pods`, {
    hint: `Write a to z, 0 to 9 and dashes in between, at most ${longest} characters.`,
  });
}

/** Returns the labels that all resources of a run bear. */
export function labelsOf(name: string, version: string): Readonly<Record<string, string>> {
  return {
    'app.kubernetes.io/name': 'devicehive-simulation',
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/version': version.replace(/[^\w.-]/g, '-'),
    'app.kubernetes.io/component': 'simulator',
    'app.kubernetes.io/managed-by': 'devicehive-cli',
  };
}
