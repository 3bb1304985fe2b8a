import { Failure } from '../../../../errors.ts';
import type { FlagContext } from '../../../flags/sharedValues.ts';
import { connectionOptions, isSecretHeader, joined } from '../../../target/connectionFlags.ts';
import type { CommonValues, UrlTarget } from '../../../target/serverName.ts';
import { flagWords } from './flagFates.ts';
import { connectionMount, type SecretFile } from './pod.ts';

/** How pods reach the server, besides its URL. */
export interface PodConnection {
  readonly words: readonly string[];
  /** The certificate authority, which is not a secret. */
  readonly ca: string | undefined;
  /** Files that only a Secret may hold. */
  readonly secrets: readonly SecretFile[];
}

/**
 * Returns the settings of flags and context for reaching the server. Client certificates, keys and headers in files
 * travel as a Secret, which the user of the manifest creates. Throws a usage `Failure` if a file cannot be read, or the
 * YAML would show a secret.
 */
export function podConnection(target: UrlTarget, { io, values }: FlagContext<CommonValues>): PodConnection {
  const flags = joined(values, target.connection);
  const headers = (flags.header ?? []).map(podHeader);
  const { ca } = connectionOptions(flags, target.url, io);
  if (ca !== undefined && /PRIVATE KEY-/.test(ca))
    throw new Failure('usage', '--ca holds a private key, which everyone could read in the YAML', {
      hint: 'Give a file with certificates alone.',
    });
  const files = [
    ...(flags.cert === undefined ? [] : [secretFile('--cert', 'cert.pem')]),
    ...(flags.key === undefined ? [] : [secretFile('--key', 'key.pem')]),
  ];
  const secrets = [...files, ...headers].flatMap(({ secret }) => secret ?? []);
  const way = [
    ...(ca === undefined ? [] : ['--ca', '/ca/ca.pem']),
    ...[...files, ...headers].flatMap(({ words }) => words),
  ];
  return { words: [...way, ...(flags.tlsInsecure === true ? ['--tls-insecure'] : [])], ca, secrets };
}

interface PodFlag {
  readonly words: readonly string[];
  readonly secret?: SecretFile;
}

function secretFile(flag: string, key: string): PodFlag {
  return { words: [flag, `${connectionMount.mountPath}/${key}`], secret: { key, flag } };
}

/** Returns a header flag for pods. A value in a file goes into the Secret; other secret values are refused. */
function podHeader(text: string): PodFlag {
  const [, name = '', file] = /^([^:]*?)\s*:\s*(@)?/.exec(text) ?? [];
  if (file !== undefined) {
    const key = `header-${name.toLowerCase().replace(/[^a-z0-9.-]/g, '-')}`;
    return {
      words: ['--header', `${name}: @${connectionMount.mountPath}/${key}`],
      secret: { key, flag: `--header '${name}: @…'` },
    };
  }
  if (!isSecretHeader(name)) return { words: flagWords('--header', text) };
  throw new Failure('usage', `--header ${name} would write its value into the YAML`, {
    hint: `Write --header '${name}: @FILE': it travels as a Secret.`,
  });
}
