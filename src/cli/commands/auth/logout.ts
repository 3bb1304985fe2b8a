import { Failure } from '../../../errors.ts';
import { readContexts } from '../../target/contexts/contextList.ts';
import { dropCredentials } from '../../target/contexts/storedCredentials.ts';
import type { Io } from '../../terminal/io.ts';
import { outputOf, printResult } from '../../printing/output.ts';
import type { CommonValues } from '../../target/settings.ts';
import { existingPlace } from './loginTarget.ts';

/** `devicehive auth logout`: forgets the tokens of a context; DeviceHive has no way to revoke them. */
export async function authLogout(values: CommonValues, io: Io): Promise<void> {
  const output = await outputOf(values, io);
  if (values.url !== undefined && values.context !== undefined)
    throw new Failure('usage', '--url and --context name two servers', { hint: 'Give one of them.' });
  const place = existingPlace(values, readContexts(io), io);
  if (place === undefined)
    throw new Failure('usage', 'there is no context to log out of', { hint: 'Look at: devicehive context list' });
  const { name, url } = place.context;
  const wasLoggedIn = await dropCredentials(name, io);
  if (!wasLoggedIn) io.note('no tokens were kept');
  else io.note('the tokens are forgotten here; DeviceHive itself accepts them until they expire');
  await printResult({ context: name, url, wasLoggedIn }, output, values, io);
}
