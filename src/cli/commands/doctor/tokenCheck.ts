import type { Credentials } from '../../../client/index.ts';
import { connectAs, remembering } from '../../target/connecting.ts';
import type { Io } from '../../terminal/io.ts';
import type { CommonValues } from '../../target/settings.ts';
import { tokenFacts, type TokenFacts } from '../../target/tokenFacts.ts';
import { currentUser } from '../../target/tokenRights.ts';
import type { Findings } from './findings.ts';

/** Proves itself to the server with what there is, refreshing what is due, and asks who it is there. Throws as `connect` does. */
export async function checkToken(
  url: string,
  given: Credentials,
  proxy: boolean,
  values: CommonValues,
  io: Io,
): Promise<TokenFacts> {
  const { credentials, current } = remembering(given);
  const connection = await connectAs(url, credentials, values, io, proxy);
  try {
    return tokenFacts(current(), await currentUser(connection));
  } finally {
    await connection.close();
  }
}

/** Says in a line whose the token is, what it allows and until when. */
export function tellToken(facts: TokenFacts, findings: Findings): void {
  const { expiresAt, refreshable, permissions } = facts;
  const until = expiresAt === null ? 'for ever' : `until ${expiresAt}${refreshable ? ', then refreshed' : ''}`;
  const message = `the token acts for ${nameOf(facts)} and ${rightsOf(facts)}, ${until}`;
  if (permissions?.length === 0)
    findings.add('token', 'note', message, 'It allows nothing: ask for one with permissions.');
  else if (expiresAt !== null && !refreshable)
    findings.add('token', 'note', message, 'Nothing refreshes it; devicehive auth login keeps tokens that are.');
  else findings.add('token', 'ok', message);
}

function nameOf({ user: { id, login, role } }: TokenFacts): string {
  if (login !== null) return `${login} (${role ?? 'no role'})`;
  return id === null ? 'a user it does not name' : `user ${id}`;
}

function rightsOf({ permissions, networks, deviceTypes }: TokenFacts): string {
  const may = permissions === null ? 'does not say what it allows' : `allows ${amount(permissions, 'permission')}`;
  const reach = [amount(networks ?? [], 'network'), amount(deviceTypes ?? [], 'device type')];
  return `${may} on ${reach.join(', ')}`;
}

function amount(names: readonly string[], what: string): string {
  if (names.includes('*')) return `all ${what}s`;
  return `${names.length} ${what}${names.length === 1 ? '' : 's'}`;
}
