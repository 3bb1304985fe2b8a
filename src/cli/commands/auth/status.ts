import { whileBusy } from '../../terminal/waiting/longWait.ts';
import { connectAs, rememberFound, remembering, wayTo } from '../../target/connecting.ts';
import { noToken } from '../../target/noToken.ts';
import { withOutput, printResult } from '../../printing/output.ts';
import { targetOf } from '../../target/settings.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { withoutUrlSecrets } from '../../../protocol/urlSecrets.ts';
import { tokenFacts } from '../../target/tokenFacts.ts';
import { userOfToken } from '../../target/tokenRights.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

/** `devicehive auth status`: tries the token in force, refreshing it if due, and shows what it permits. */
export async function authStatus(given: FlagContext<CommonValues>): Promise<void> {
  const printing = await withOutput(given);
  const { io } = given;
  const target = await targetOf(given);
  // The command has no --embedded flag, so this is always a server with a URL.
  if (target.kind === 'embedded') throw new Error('auth status was given an embedded server');
  if (target.credentials === undefined) throw noToken(target, io);
  const { credentials, current } = remembering(target.credentials);
  const connection = await connectAs(target.url, credentials, given, wayTo(target));
  try {
    const user = await whileBusy(io, 'asking whose token it is', () => userOfToken(connection));
    await rememberFound(target, connection.url, io);
    const url = withoutUrlSecrets(connection.url);
    const { from, context = null } = target;
    await printResult({ url, from, context, ...tokenFacts(current(), user) }, printing);
  } finally {
    await connection.close();
  }
}
