import { Failure } from '../../errors.ts';
import { allowedHost, allowedOrigin } from '../../protocol/webOrigins.ts';
import type { ServerOptions } from '../../server/index.ts';
import { dangers } from '../flags/dangers.ts';
import { namedServer, type CommonValues, type UrlTarget } from './serverName.ts';
import type { FlagContext } from '../flags/sharedValues.ts';

/** Flags that shape an embedded server mean nothing to another one. Throws a usage `Failure` where any is given. */
export function refuseServerFlags(
  flags: readonly string[],
  target: UrlTarget,
  context: FlagContext<CommonValues>,
): void {
  if (flags.length === 0) return;
  const named =
    namedServer(context)?.at ?? (target.from === 'local' ? 'a server that runs here' : 'the context in use');
  const verb = target.from === 'local' ? 'would be used' : 'names another one';
  const isOrAre = flags.length === 1 ? 'is' : 'are';
  throw new Failure('usage', `${flags.join(', ')} ${isOrAre} for an embedded server, but ${named} ${verb}`, {
    hint: 'Add --embedded to use one inside this command.',
  });
}

/** The flags of every command that shape its embedded server, as far as they are given. */
export function embeddedFlags(values: CommonValues): string[] {
  const { seed, answerAll, demo, strict, latency, allowHost, allowOrigin } = values;
  return [
    demo === false ? '--no-demo' : '',
    answerAll === true ? '--answer-all' : '',
    strict === true ? '--strict' : '',
    latency === undefined ? '' : '--latency',
    seed === undefined ? '' : '--seed',
    allowHost === undefined ? '' : '--allow-host',
    allowOrigin === undefined ? '' : '--allow-origin',
  ].filter((flag) => flag !== '');
}

/** Reads which names and web pages may use an embedded server. Throws a usage `Failure`. */
export function guardOptions({
  io,
  values: { allowHost = [], allowOrigin = [] },
}: FlagContext<CommonValues>): Pick<ServerOptions, 'allowHosts' | 'allowOrigins'> {
  if (allowOrigin.includes('*')) io.danger(dangers.anyOrigin);
  return {
    allowHosts: allowHost.map((host) => allowedHost(host, '--allow-host')),
    allowOrigins: allowOrigin.map((origin) => allowedOrigin(origin, '--allow-origin')),
  };
}
