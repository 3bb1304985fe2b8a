import { Failure } from '../../../errors.ts';
import type { Credentials } from '../../../client/index.ts';
import type { RunningServer } from '../../../server/index.ts';
import { startEmbedded } from '../../target/conversation.ts';
import { noToken } from '../../target/noToken.ts';
import { askServer } from './serverCheck.ts';
import { effectiveSettings, type Setting } from './effectiveSettings.ts';
import { Findings, type DoctorReport } from './findings.ts';
import { fleetLimit, machine, type Machine } from './machine.ts';
import { askAsUser } from './tokenCheck.ts';
import type { Io } from '../../terminal/io.ts';
import { whileBusy } from '../../terminal/waiting/longWait.ts';
import { outputOf, printResult, type Output, type PrintContext } from '../../printing/output.ts';
import { connectAs, rememberFound, wayTo } from '../../target/connecting.ts';
import { withoutUrlSecrets } from '../../../protocol/urlSecrets.ts';
import { QuietIo } from '../../terminal/quietIo.ts';
import { readWholeNumber } from '../../flags/wholeNumber.ts';
import { connectingSoon, requestSettings, targetOf } from '../../target/settings.ts';
import type { CommonValues, Target } from '../../target/serverName.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

type DoctorValues = CommonValues & { readonly requests?: string };

/** The results of a server's checks. */
type Checked = Pick<DoctorReport, 'server' | 'token' | 'backend' | 'clock' | 'roundTrip'>;

const nothing: Checked = { server: null, token: null, backend: null, clock: null, roundTrip: null };

/**
 * `devicehive doctor`: finds everything that would keep requests from succeeding, and ends as the first request would.
 */
export async function doctor(context: FlagContext<DoctorValues>): Promise<void> {
  const { io, values } = context;
  const requests = readWholeNumber(values.requests ?? '20', '--requests', {
    least: 1,
    most: 1000,
    hint: 'Leave it out for 20.',
  });
  const output = await outputDespite(context);
  const here = machine();
  const findings = new Findings();
  const sending = await findings.attempt('settings', () => requestSettings(context));
  await findings.attempt('settings', () => outputOf(context));
  const target = await findings.attempt('server', () => targetOf(context));
  const settings = await settingsInForce(target, findings, context);
  const mayAsk = target !== undefined && sending !== undefined;
  const checked = !mayAsk
    ? nothing
    : await whileBusy(io, 'checking the server', () => check(target, requests, findings, context));
  if (target !== undefined) tellUnused(target, findings, io);
  tellMachine(here, findings);
  const { list, verdict } = findings;
  const report: DoctorReport = { ok: verdict === undefined, ...checked, machine: here, settings, findings: list };
  await print(report, { ...context, output });
  if (verdict !== undefined) throw verdict;
}

/**
 * Reads the output flags; from the command line only, if a variable or the project file is wrong: that is a finding.
 */
async function outputDespite(context: FlagContext<DoctorValues>): Promise<Output> {
  const { io, values } = context;
  try {
    return await outputOf(context);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const output = await outputOf({ io: new QuietIo({ env: {}, cwd: '/' }, io.signal), values });
    return io.stdoutIsTerminal && values.output === undefined && values.json !== true
      ? { ...output, format: 'text' }
      : output;
  }
}

async function settingsInForce(
  target: Target | undefined,
  findings: Findings,
  context: FlagContext<DoctorValues>,
): Promise<Setting[]> {
  const settings: Setting[] = [];
  for (const lookUp of effectiveSettings(target, context)) {
    const setting = await findings.attempt('settings', lookUp);
    if (setting !== undefined) settings.push(setting);
  }
  return settings;
}

async function check(
  target: Target,
  requests: number,
  findings: Findings,
  context: FlagContext<DoctorValues>,
): Promise<Checked> {
  const { io } = context;
  const server = target.kind === 'embedded' ? await startEmbedded(context) : undefined;
  if (server !== undefined) io.note(`server: ${server.url} (embedded in this command)`);
  const hasty = connectingSoon(context);
  const open = (credentials?: Credentials) => connectAs(place.url, credentials, hasty, wayTo(target));
  const place = {
    url: target.kind === 'url' ? target.url : (server?.url ?? ''),
    embedded: server !== undefined,
    from: target.kind === 'url' ? target.from : 'flag',
  };
  const shown = () => ({ ...place, url: withoutUrlSecrets(place.url) });
  try {
    const connection = await findings.attempt('server', () => open());
    if (connection === undefined) return { ...nothing, server: { ...shown(), reachable: false, ...unknown } };
    place.url = connection.url;
    await rememberFound(target, place.url, io);
    const answers = await askServer(connection, requests, findings).finally(() => connection.close());
    // a silent server would keep the question about the token waiting just as long
    const isSilent = findings.verdict?.kind === 'timeout';
    const toUser =
      answers.server.isDeviceHive && !isSilent
        ? await findings.attempt('token', () => askAsUser(open, credentialsOf(target, server, io), findings, io))
        : undefined;
    return { ...nothing, ...answers, ...toUser, server: { ...shown(), reachable: true, ...answers.server } };
  } finally {
    await server?.close();
  }
}

const unknown = { isDeviceHive: false, connectMs: null, apiVersion: null, restServerUrl: null };

/** Returns the credentials to use. Throws a `Failure` if there are none. */
function credentialsOf(target: Target, server: RunningServer | undefined, io: Io): Credentials {
  const credentials = target.credentials ?? server;
  if (credentials === undefined && target.kind === 'url') throw noToken(target, io);
  return credentials ?? {};
}

const secretVariables = ['DEVICEHIVE_TOKEN', 'DEVICEHIVE_TOKEN_FILE', 'DEVICEHIVE_REFRESH_TOKEN', 'DEVICEHIVE_LOGIN'];

/** Reports variables that are set and have no effect here. */
function tellUnused({ credentials, ...target }: Target, findings: Findings, io: Io): void {
  const unused = secretVariables.filter((name) => {
    const value = (io.env[name] ?? '').trim();
    const isUsed =
      name === credentials?.at || (name === 'DEVICEHIVE_REFRESH_TOKEN' && value === credentials?.refreshToken);
    return value !== '' && !isUsed;
  });
  if (unused.length === 0) return;
  const isNamed = target.kind === 'url' && (target.from === 'flag' || target.from === 'environment');
  const why =
    isNamed && credentials !== undefined
      ? `${credentials.at} comes first`
      : 'secrets of the environment go only to a server that a flag or the environment names';
  const isOrAre = unused.length === 1 ? 'is' : 'are';
  findings.add('token', 'note', `${unused.join(' and ')} ${isOrAre} set, but not used: ${why}`);
}

function tellMachine(here: Machine, findings: Findings): void {
  const { cores, memoryMiB, node, openFiles } = here;
  const limit = fleetLimit(here);
  const fleet =
    limit === undefined
      ? 'as many devices as memory allows'
      : `about ${limit.devices} devices with a connection each to one server (${limit.by} end first; more share connections)`;
  const message = `Node ${node.slice(1)}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${memoryMiB} MiB of memory: room for a fleet of ${fleet}`;
  if (openFiles === null || openFiles >= 1024) findings.add('machine', 'ok', message);
  else
    findings.add('machine', 'note', message, `Only ${openFiles} files may be open: raise that with ulimit -n 65536.`);
}

async function print(report: DoctorReport, context: PrintContext<DoctorValues>): Promise<void> {
  const { io, output } = context;
  if (output.format !== 'text' || output.query !== undefined) return printResult({ ...report }, context);
  const { reportText } = await import('./reportText.ts');
  io.out(reportText(report, context));
}
