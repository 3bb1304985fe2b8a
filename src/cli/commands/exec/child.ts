import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { constants } from 'node:os';
import { Failure } from '../../../errors.ts';
import { ChildExit } from '../../terminal/childExit.ts';
import { fileReason } from '../../terminal/files.ts';
import type { Io } from '../../terminal/io.ts';
import { cutText } from '../../terminal/safeText.ts';

/** Exit codes that shells use for a command that does not exist, and for one that cannot be run. */
const noSuchCommand = 127;
const cannotBeRun = 126;

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a command on our own streams until it ends. Returns its exit code, 128 + n if signal n ended it. */
export async function runChild(
  [command, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
  io: Io,
): Promise<number> {
  const start = await starter();
  if (io.signal.aborted) throw new Failure('interrupted', 'stopped before the command was started');
  const child = start(command, args, { stdio: 'inherit', env, cwd: io.cwd });
  const letGo = passSignals(child, io);
  try {
    return await endOf(child);
  } catch (error) {
    throw notStarted(command, error);
  } finally {
    letGo();
  }
}

/** Starts a program. */
type Start = (command: string, args: readonly string[], options: SpawnOptions) => ChildProcess;

/**
 * Returns how to start programs. Windows itself finds only .exe files; npm and most others are scripts there, which
 * cross-spawn finds and runs through the shell with escaped arguments.
 */
export async function starter(platform: NodeJS.Platform = process.platform): Promise<Start> {
  if (platform !== 'win32') return spawn;
  const { default: crossSpawn } = await import('cross-spawn');
  return crossSpawn;
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    // A running child may also emit an error when a signal could not be passed on; that is not its end. On Windows a
    // shell runs, and reports that there is no such command.
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined || error.code === 'ENOENT') reject(error);
    });
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
}

/**
 * Passes the first signal on to the child; a second one kills it. A terminal sends Ctrl-C to the child itself, so that
 * is not passed on. Shells report a lost terminal twice. Returns a function that ends this.
 */
function passSignals(child: ChildProcess, io: Io): () => void {
  const isOnTerminal = io.stdinIsTerminal || io.stdoutIsTerminal || io.stderrIsTerminal;
  let count = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP' && count > 0) return;
    count++;
    if (count > 1) child.kill('SIGKILL');
    else if (signal !== 'SIGINT' || !isOnTerminal) child.kill(signal);
  };
  for (const signal of passedOn) process.on(signal, onSignal);
  return () => {
    for (const signal of passedOn) process.off(signal, onSignal);
  };
}

/** Returns the exit code that shells use for this error; throws others, which are bugs. */
function notStarted(command: string, error: unknown): unknown {
  const { code } = error as { code?: string };
  const start = `cannot start '${cutText(command)}': `;
  if (code === 'ENOENT')
    return new ChildExit(
      noSuchCommand,
      new Failure('usage', `${start}there is no such command`, { hint: 'Check its name and PATH.', cause: error }),
    );
  if (code === undefined || !['EACCES', 'ENOEXEC', 'E2BIG', 'ENOTDIR'].includes(code)) return error;
  return new ChildExit(
    cannotBeRun,
    new Failure('usage', `${start}${fileReason(error)}`, {
      hint: 'Make the file executable, or name its interpreter.',
      cause: error,
    }),
  );
}
