import { Failure } from '../../../errors.ts';
import { withoutUrlSecrets } from '../../../protocol/urlSecrets.ts';
import { readContexts } from '../../target/contexts/contextList.ts';
import { dropCredentials } from '../../target/contexts/storedCredentials.ts';
import { withOutput, printResult } from '../../printing/output.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { existingPlace } from './loginTarget.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** `devicehive auth logout`: forgets the tokens of a context; DeviceHive has no way to revoke them. */
export async function authLogout(given: FlagContext<CommonValues>): Promise<void> {
  const context = await withOutput(given);
  const { io, values } = context;
  if (values.url !== undefined && values.context !== undefined)
    throw new Failure('usage', '--url and --context name two servers', { hint: 'Give one of them.' });
  const place = existingPlace(readContexts(io), context);
  if (place === undefined)
    throw new Failure('usage', 'there is no context to log out of', { hint: 'Look at: devicehive context list' });
  const { name, url } = place.context;
  const wasLoggedIn = await dropCredentials(name, io);
  if (!wasLoggedIn) io.note('no tokens were kept');
  else io.note('the tokens are forgotten here; DeviceHive itself accepts them until they expire');
  await printResult({ context: name, url: withoutUrlSecrets(url), wasLoggedIn }, context);
}
