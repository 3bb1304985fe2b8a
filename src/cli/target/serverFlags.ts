import { Failure } from '../../errors.ts';
import type { Io } from '../terminal/io.ts';
import { namedServer, type CommonValues, type UrlTarget } from './settings.ts';

/** Flags that shape an embedded server mean nothing to another one. Throws a usage `Failure` where any is given. */
export function refuseServerFlags(flags: readonly string[], target: UrlTarget, values: CommonValues, io: Io): void {
  if (flags.length === 0) return;
  const named =
    namedServer(values, io)?.at ?? (target.from === 'local' ? 'a server that runs here' : 'the context in use');
  const verb = target.from === 'local' ? 'would be used' : 'names another one';
  const isOrAre = flags.length === 1 ? 'is' : 'are';
  throw new Failure('usage', `${flags.join(', ')} ${isOrAre} for an embedded server, but ${named} ${verb}`, {
    hint: 'Add --embedded to use one inside this command.',
  });
}

/** The flags of every command that shape its embedded server, as far as they are given. */
export function embeddedFlags({ seed, answerAll, demo, strict, latency }: CommonValues): string[] {
  return [
    demo === false ? '--no-demo' : '',
    answerAll === true ? '--answer-all' : '',
    strict === true ? '--strict' : '',
    latency === undefined ? '' : '--latency',
    seed === undefined ? '' : '--seed',
  ].filter((flag) => flag !== '');
}
