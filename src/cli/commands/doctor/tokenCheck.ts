import { askBackend, type Connection, type Credentials } from '../../../client/index.ts';
import type { Io } from '../../terminal/io.ts';
import { longWait } from '../../terminal/waiting/longWait.ts';
import { remembering } from '../../target/connecting.ts';
import { tokenFacts, type TokenFacts } from '../../target/tokenFacts.ts';
import { userOfToken } from '../../target/tokenRights.ts';
import type { BackendFacts, Findings, DoctorReport } from './findings.ts';
import { roundedMs } from './serverCheck.ts';

/** Connects with credentials, refreshing expired ones, and asks for the current user. Throws as `connect` does. */
export async function askAsUser(
  open: (credentials: Credentials) => Promise<Connection>,
  given: Credentials,
  findings: Findings,
  io: Io,
): Promise<Pick<DoctorReport, 'token' | 'backend'>> {
  const { credentials, current } = remembering(given);
  await using connection = await open(credentials);
  // both at once: a silent backend then costs only one time limit
  const asked = askBackend(connection);
  asked.catch(() => undefined);
  const token = await findings.attempt('token', async () => tokenFacts(current(), await userOfToken(connection)));
  if (token !== undefined) tellToken(token, findings);
  const backend = await findings.attempt('backend', () =>
    longWait(io, 'waiting for the backend of the server', () => checkBackend(asked, findings)),
  );
  return { token: token ?? null, backend: backend ?? null };
}

/** Awaits the answer to a question that the frontend cannot answer by itself. Throws as `askBackend` does. */
async function checkBackend(
  asked: ReturnType<typeof askBackend>,
  findings: Findings,
): Promise<BackendFacts | undefined> {
  const answer = await asked;
  if (answer === undefined) {
    findings.add('backend', 'note', 'the backend was not asked: the token permits no count', mayCount);
    return undefined;
  }
  const { action, replyMs } = answer;
  findings.add(
    'backend',
    'ok',
    `its backend answers too: ${action}, over the message bus, within ${roundedMs(replyMs)} ms`,
  );
  return { action, replyMs: roundedMs(replyMs) };
}

const mayCount = 'A token with GetDevice, GetNetwork, GetDeviceType or ManageUser may ask it.';

/** Adds a finding about the token: its owner, its permissions and its end. */
function tellToken(facts: TokenFacts, findings: Findings): void {
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
