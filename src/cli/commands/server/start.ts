import { Failure } from '../../../errors.ts';
import type { LogEntry, RunningServer, ServerOptions } from '../../../server/index.ts';
import { readOneLine, removeOwnReadyFile, removeReadyFile, writeReadyFile } from '../../terminal/files.ts';
import type { Io } from '../../terminal/io.ts';
import { whileBusy } from '../../terminal/waiting/longWait.ts';
import { announceLocalServer } from '../../target/localServer.ts';
import { indented } from '../../printing/failureReport.ts';
import { cutText, safeLine, safeText } from '../../terminal/safeText.ts';
import { errText } from '../../terminal/wrapping.ts';
import { isLoopback } from '../../../protocol/loopback.ts';
import { dangers } from '../../flags/dangers.ts';
import { latencyMs } from '../../target/latency.ts';
import { startSeeded } from '../../target/seededServer.ts';
import { guardOptions } from '../../target/serverFlags.ts';
import { own } from '../../../protocol/own.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

interface StartValues {
  readonly port?: string;
  readonly host?: string;
  readonly secretFile?: string;
  readonly passwordFile?: string;
  readonly demo?: boolean;
  readonly data?: string;
  readonly seed?: string;
  readonly readyFile?: string;
  readonly answerAll?: boolean;
  readonly strict?: boolean;
  readonly latency?: string;
  readonly insecure?: boolean;
  readonly allowHost?: readonly string[];
  readonly allowOrigin?: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** `devicehive server start`: runs until a signal; prints its address and the login. */
export async function serverStart(context: FlagContext<StartValues>, endKeys = 'Ctrl-C'): Promise<void> {
  const { io, values } = context;
  removeReadyFile(values.readyFile);
  const secret = values.secretFile === undefined ? undefined : readOneLine(values.secretFile, '--secret-file', 8);
  const adminPassword =
    values.passwordFile === undefined ? undefined : readOneLine(values.passwordFile, '--password-file', 6);
  const listening = () =>
    listen(values.host ?? '127.0.0.1', values.seed, io, {
      port: values.port === undefined ? 0 : portOf(values.port),
      ...(secret === undefined ? {} : { secret }),
      ...(adminPassword === undefined ? {} : { adminPassword }),
      ...(values.data === undefined ? {} : { data: values.data }),
      ...(values.demo === false ? { demo: false } : {}),
      insecure: values.insecure === true,
      answerAll: values.answerAll === true,
      strict: values.strict === true,
      ...guardOptions(context),
      ...(values.latency === undefined ? {} : { latencyMs: latencyMs(values.latency) }),
      log: logger(context),
    });
  const server = await whileBusy(io, 'starting the server', listening);
  if (values.insecure === true && !isLoopback(values.host ?? 'localhost')) io.danger(dangers.exposed);
  const startedAt = Date.now();
  const { url, accessToken, refreshToken } = server;
  let withdraw = () => undefined as unknown;
  try {
    withdraw = announceLocalServer(io, { url, accessToken, refreshToken, pid: process.pid, startedAt });
    tellReady(server, context, endKeys);
    await Promise.race([stopped(io.signal), server.ended]);
  } finally {
    withdraw();
    removeOwnReadyFile(values.readyFile);
    await server.close();
    if (values.quiet !== true) io.err('stopped\n');
  }
}

async function listen(host: string, seed: string | undefined, io: Io, options: ServerOptions): Promise<RunningServer> {
  try {
    return await startSeeded(seed, { host, ...options }, io);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.kind === 'usage' && error.problems !== undefined) throw openDoor(host, error);
    if (error.kind !== 'connect') throw error;
    const what = own(listenProblems, (error.cause as { code?: string } | undefined)?.code ?? '');
    const hint = 'Choose another --port or --host; without them the server uses any free port on 127.0.0.1.';
    const where = `cannot listen on ${cutText(host)}, port ${options.port ?? 0}`;
    throw new Failure('usage', what === undefined ? error.message : `${where}: ${what}`, { hint, cause: error });
  }
}

const listenProblems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'this user may not listen there',
  EADDRNOTAVAIL: 'that is no address of this machine',
  ENOTFOUND: 'that is no address of this machine',
};

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new Failure('usage', `--port must be a number from 0 to 65535, not '${cutText(text)}'`, {
      hint: 'Leave it out to use any free port.',
    });
  return port;
}

/** Flags that replace well-known secrets. */
const keyFlags: Readonly<Record<string, string>> = { secret: '--secret-file', adminPassword: '--password-file' };

/** Returns the failure for listening beyond loopback with a password or secret that everybody knows. */
function openDoor(host: string, failure: Failure): Failure {
  const keys = (failure.problems ?? []).map(({ at }) => at);
  const one = keys[0] === 'secret' ? 'secret is' : 'password is';
  const what = keys.length === 2 ? 'secret and the password are the well-known ones' : `${one} the well-known one`;
  return new Failure('usage', `--host ${cutText(host)} would let others in: the ${what}`, {
    hint: `Give ${keys.map((key) => own(keyFlags, key)).join(' and ')}, or --insecure if that is wanted.`,
  });
}

function tellReady(server: RunningServer, { io, values }: FlagContext<StartValues>, endKeys: string): void {
  const { url, restUrl, login, password, accessToken, refreshToken } = server;
  const ready = { url, login, password: password ?? null, accessToken, refreshToken, pid: process.pid };
  if (values.readyFile !== undefined) writeReadyFile(values.readyFile, ready);
  if (values.json === true) return io.out(`${JSON.stringify(ready)}\n`);
  io.out(
    `url       ${url}\nrest      ${restUrl}\nlogin     ${login}\npassword  ${password ?? 'as it was set'}\ntoken     ${accessToken}\n`,
  );
  if (values.quiet !== true)
    io.err(errText(`ready; commands on this machine find this server by themselves. ${endKeys} stops it.\n`, io));
}

function logger({ io, values }: FlagContext<StartValues>): (entry: LogEntry) => void {
  return ({ level, message, reason, section, frame, stack, harm }) => {
    if ((values.quiet === true && harm === undefined) || (level === 'info' && values.verbose !== true)) return;
    const where = section === undefined ? '' : ` (${section})`;
    const why = reason === undefined ? '' : `: ${reason}`;
    const what =
      frame === undefined ? '' : `\n  ${cutText(typeof frame === 'string' ? frame : JSON.stringify(frame), 500)}`;
    const rest = stack === undefined ? '' : `\n${safeText(indented(stack))}`;
    io.log(`${safeLine(`${level}: ${message}${why}${where}`)}${what}${rest}`);
  };
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
