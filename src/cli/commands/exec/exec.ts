import type { RunningServer } from '../../../server/index.ts';
import { wayTo, type Way } from '../../target/connecting.ts';
import { accessTo, withServer, type Access } from '../../target/access.ts';
import { ChildExit } from '../../terminal/childExit.ts';
import { flagCredentials } from '../../target/credentials.ts';
import type { Io } from '../../terminal/io.ts';
import { embeddedOptions } from '../../target/conversation.ts';
import { startSeeded } from '../../target/seededServer.ts';
import { embeddedFlags, refuseServerFlags } from '../../target/serverFlags.ts';
import { namedTarget, requestSettings } from '../../target/settings.ts';
import type { CommonValues } from '../../target/serverName.ts';
import { runChild } from './child.ts';
import { readOneLine } from '../../terminal/files.ts';
import type { FlagContext } from '../../flags/sharedValues.ts';

type ExecValues = CommonValues & {
  readonly secretFile?: string;
  readonly passwordFile?: string;
  readonly plan?: string;
  readonly allowOutside?: boolean;
};

/** `devicehive exec -- CMD…`: runs a command with a server in its environment, and ends with its exit code. */
export async function exec(words: readonly [string, ...string[]], context: FlagContext<ExecValues>): Promise<void> {
  const { io, values } = context;
  requestSettings(context);
  const own = await flagCredentials(context);
  const target = (await namedTarget(own, context)) ?? { kind: 'embedded' };
  let exitCode: number;
  if (target.kind === 'url') {
    refuseServerFlags(serverFlags(values), target, context);
    exitCode = await runWith(words, { ...(await accessTo(target, context)), way: wayTo(target) }, context);
  } else {
    await using server = await embeddedServer(context);
    const { url } = server;
    io.note(`server: ${url} (embedded in this command)`);
    const { accessToken, refreshToken } = own ?? server;
    exitCode = await runWith(words, { url, accessToken, refreshToken, way: { proxy: false } }, context);
  }
  if (exitCode !== 0) throw new ChildExit(exitCode);
}

function serverFlags(values: ExecValues): string[] {
  return [
    ...embeddedFlags(values),
    values.secretFile === undefined ? '' : '--secret-file',
    values.passwordFile === undefined ? '' : '--password-file',
  ].filter((flag) => flag !== '');
}

async function embeddedServer(context: FlagContext<ExecValues>): Promise<RunningServer> {
  const { io, values } = context;
  const { secretFile, passwordFile } = values;
  const options = {
    ...(secretFile === undefined ? {} : { secret: readOneLine(secretFile, '--secret-file', 8) }),
    ...(passwordFile === undefined ? {} : { adminPassword: readOneLine(passwordFile, '--password-file', 6) }),
    ...(await embeddedOptions(context)),
  };
  return startSeeded(values.seed, options, io);
}

/** Runs the command, with the devices of a plan around it if a plan is given. */
async function runWith(
  words: readonly [string, ...string[]],
  access: Access & { readonly way: Way },
  context: FlagContext<ExecValues>,
): Promise<number> {
  const { io, values } = context;
  if (values.plan === undefined) return runAlone(words, access, io);
  const { withDevices } = await import('../simulate/run/withDevices.ts');
  return withDevices(values.plan, access, context, () => runAlone(words, access, io));
}

function runAlone(words: readonly [string, ...string[]], access: Access, io: Io): Promise<number> {
  return runChild(words, withServer(io.env, access), io);
}
