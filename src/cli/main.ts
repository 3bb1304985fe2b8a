import { CommanderError } from 'commander';
import { Failure, messageOf } from '../errors.ts';
import { commandOf } from './commands/index.ts';
import { ChildExit } from './terminal/childExit.ts';
import { wordsOf } from './flags/commonFlags.ts';
import { exitCodes } from './printing/exitCodes.ts';
import { ProcessIo } from './terminal/processIo.ts';
import { helpAsFlag } from './program/help.ts';
import { buildProgram, sharedFlags } from './program/program.ts';
import type { Manner } from './terminal/io.ts';
import { mayAsk } from './flags/sharedValues.ts';
import type { CommonValues } from './target/serverName.ts';
import { errText } from './terminal/wrapping.ts';
import { bugJson, bugText, exitCodeOf, failureJson, failureText } from './printing/failureReport.ts';

/**
 * Runs one command line to its end; the number is the exit code. Never throws for an expected failure, never exits the
 * process.
 */
export async function main(argv: readonly string[], process: NodeJS.Process): Promise<number> {
  const unread = await readEnvFile(argv, process);
  const manner = mannerOf(argv, process.env);
  const io = new ProcessIo(process, manner);
  let words = argv;
  try {
    if (unread !== undefined) throw unread;
    words = helpAsFlag(argv);
    const exit = await run(words, io);
    if (io.objection !== undefined) throw io.objection;
    return exit;
  } catch (error) {
    return await failed(error, words, manner, io);
  } finally {
    io.release();
    await io.flushed();
  }
}

async function run(words: readonly string[], io: ProcessIo): Promise<number> {
  if (isBare(words) && mayAsk({ io, values: {} })) {
    const given = sharedFlags(words, io);
    if (mayAsk({ io, values: given })) return interact(given, io);
  }
  const program = buildProgram(words, io);
  if (words.length === 0) throw new Failure('usage', 'no command given', { hint: program.helpInformation().trimEnd() });
  await program.parseAsync([...words], { from: 'user' });
  return 0;
}

/** A command line without a command, and not about the program itself. */
function isBare(words: readonly string[]): boolean {
  return wordsOf(words, 1).length === 0 && !words.some((word) => /^(-h|--help|-V|--version|--)$/.test(word));
}

async function interact(given: CommonValues, io: ProcessIo): Promise<number> {
  io.speak();
  const { interactive } = await import('./commands/interactive/interactive.ts');
  await interactive({ io, values: given });
  return exitOk;
}

/**
 * Reads the variables of the file that `--env-file` or `DEVICEHIVE_ENV_FILE` names, before anything else reads
 * variables; one that is merely there is never read. Returns why it could not.
 */
async function readEnvFile(argv: readonly string[], process: NodeJS.Process): Promise<Error | undefined> {
  const own = beforeOthers(argv);
  const index = own.findIndex((word) => /^--env-file(=|$)/.test(word));
  const flag = own[index] === '--env-file' ? own[index + 1] : own[index]?.slice('--env-file='.length);
  const file = flag ?? process.env['DEVICEHIVE_ENV_FILE'] ?? '';
  if (file === '') return undefined;
  const { loadEnvFile } = await import('./flags/envFile.ts');
  try {
    loadEnvFile({ file, at: flag === undefined ? 'DEVICEHIVE_ENV_FILE' : '--env-file' }, process);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/** The words that are ours: those behind `--` belong to another program. */
function beforeOthers(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end === -1 ? argv : argv.slice(0, end);
}

/** Reads how to report failures before the command line is parsed, because parsing may fail. */
function mannerOf(argv: readonly string[], env: NodeJS.ProcessEnv): Manner {
  const own = beforeOthers(argv);
  const at = own.findIndex((word) => word === '-o' || word === '--output');
  const named =
    at === -1 ? own.find((word) => /^(--output=|-o.)/.test(word))?.replace(/^(--output=|-o=?)/, '') : own[at + 1];
  const output = named ?? env['DEVICEHIVE_OUTPUT'];
  const json = own.includes('--json') || output === 'json' || output === 'ndjson';
  return { json, quiet: own.includes('--quiet') || own.includes('-q') };
}

async function failed(error: unknown, argv: readonly string[], manner: Manner, io: ProcessIo): Promise<number> {
  if (error instanceof CommanderError && error.exitCode === 0) return exitOk;
  if (error instanceof ChildExit && error.failure === undefined) return error.exitCode;
  const failure =
    error instanceof CommanderError
      ? await usageFailureOf(error, argv, io)
      : error instanceof ChildExit
        ? error.failure
        : error;
  if (!(failure instanceof Failure)) {
    io.err(manner.json ? bugJson(failure) : bugText(failure));
    return exitCodes.internal;
  }
  const exit = error instanceof ChildExit ? error.exitCode : exitCodeOf(failure, io.signal.reason);
  io.err(
    manner.json ? failureJson(failure, exit, io.takeWarnings()) : errText(failureText(failure, placeOf(argv)), io),
  );
  return exit;
}

const exitOk = 0;

async function usageFailureOf(error: CommanderError, argv: readonly string[], io: ProcessIo): Promise<Failure> {
  const { dropReadyFile, usageFailure } = await import('./program/usageFailure.ts');
  dropReadyFile(argv, io);
  return usageFailure(error, argv, io);
}

/** Returns only the words of the command: anything else typed may be a secret. */
function placeOf(argv: readonly string[]): string {
  return ['devicehive', ...commandOf(wordsOf(argv))].join(' ');
}
