import { Command, Option } from 'commander';
import { schemaOf, type ActionName } from '../protocol/schema.ts';
import { actionFor, nouns, single, verbsOf } from './catalog.ts';
import { commonOptions, wordsOf, type FlagGroup } from './commonFlags.ts';
import type { Io } from './io.ts';
import { requestCommand } from './requestCommand.ts';
import { version } from './version.ts';

const everything: readonly FlagGroup[] = ['target', 'request', 'output', 'general'];

/** The program with the branch that the command line names; the rest only where help or a suggestion needs it. */
export function buildProgram(argv: readonly string[], io: Io): Command {
  const [noun, verb] = wordsOf(argv);
  const program = root(io);
  if (noun !== undefined && Object.hasOwn(nouns, noun)) program.addCommand(nounCommand(noun, verb, io));
  else if (noun !== undefined && Object.hasOwn(single, noun)) program.addCommand(singleCommand(noun, io));
  else outline(program, io);
  return program;
}

function root(io: Io): Command {
  return quiet(new Command('devicehive'), io)
    .description('Talk to DeviceHive: commands, notifications, devices, and a server for tests.')
    .usage('<noun> <verb> [options]')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false);
}

/** Failures are thrown to `main`, which alone writes. */
function quiet(command: Command, io: Io): Command {
  const silent = () => undefined;
  return command.exitOverride().configureOutput({
    writeOut: (text) => io.out(text),
    writeErr: silent,
    outputError: silent,
    getOutHelpWidth: () => helpWidth,
    getOutHasColors: () => false,
  });
}

/** The same on every terminal: asking for its width would set up a stream. */
const helpWidth = 100;

function outline(program: Command, io: Io): void {
  for (const [name, summary] of Object.entries({ ...nouns, ...single })) {
    program.addCommand(quiet(new Command(name), io).description(summary).helpOption(false).helpCommand(false));
  }
  program.addHelpText('after', rootExamples);
}

const rootExamples = `
Examples:
  $ devicehive command update --device d1 --id 42 --status done --embedded
  $ devicehive server start
  $ devicehive command insert --device d1 --command reboot --query command.id
  $ devicehive request server/info

Exit codes: 0 ok, 2 usage, 3 invalid, 4 auth, 5 connect, 6 refused, 7 timeout (all of them: README).
Help on a command: devicehive <noun> <verb> --help`;

function nounCommand(noun: string, verb: string | undefined, io: Io): Command {
  const command = quiet(new Command(noun), io)
    .description(sentence(nouns[noun] ?? ''))
    .helpCommand(false)
    .usage('<verb> [options]');
  const verbs = verbsOf(noun);
  const chosen = verbs.filter((entry) => entry.verb === verb);
  for (const entry of chosen.length > 0 ? chosen : verbs) {
    const isChosen = chosen.length > 0;
    command.addCommand(isChosen ? leaf(noun, entry.verb, entry.action, io) : summaryOnly(noun, entry, io));
  }
  return command;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function summaryOnly(
  noun: string,
  entry: { readonly verb: string; readonly action: ActionName | undefined },
  io: Io,
): Command {
  const title = entry.action === undefined ? ownSummaries[`${noun} ${entry.verb}`] : schemaOf(entry.action).title;
  return quiet(new Command(entry.verb), io)
    .description(title ?? '')
    .helpOption(false);
}

const ownSummaries: Readonly<Record<string, string>> = {
  'server start': 'Start a DeviceHive server for tests, in this process',
  'server status': 'Tell whether a server answers, and which',
  'server stop': 'Stop a server that server start started',
};

function leaf(noun: string, verb: string, action: ActionName | undefined, io: Io): Command {
  if (action !== undefined) return withCommon(quiet(requestCommand(action, verb, io), io), everything);
  return own(verb, ownSummaries[`${noun} ${verb}`] ?? '', io);
}

function singleCommand(name: string, io: Io): Command {
  const action = actionFor(name, undefined);
  if (action !== undefined) return withCommon(quiet(requestCommand(action, name, io), io), everything);
  const command = quiet(new Command('request'), io)
    .description(
      'Send any action, known or not, with fields from JSON. Fields of a known action are checked before anything is sent.',
    )
    .argument('<action>', 'action, such as device/list')
    .addOption(new Option('--data <json>', 'fields as JSON, @file or - for stdin (default: {})'))
    .addOption(new Option('--allow-unknown', 'pass on fields that the action does not know'))
    .addHelpText(
      'after',
      '\nExamples:\n  $ devicehive request server/info\n  $ devicehive request device/list --data \'{"take":100}\'\n  $ devicehive request command/insert --data @command.json',
    );
  command.action(async (name: string) => {
    const { sendAny } = await import('./commands/request.ts');
    await sendAny(name, command.opts(), io);
  });
  return withCommon(command, everything);
}

function own(verb: string, summary: string, io: Io): Command {
  const command = quiet(new Command(verb), io).description(`${summary}.`);
  if (verb === 'start') return serverStart(command, io);
  if (verb === 'stop') return serverStop(command, io);
  return serverStatus(command, io);
}

function serverStart(command: Command, io: Io): Command {
  command
    .option('--port <port>', 'port to listen on (default: any free one)')
    .option(
      '--host <address>',
      'address to listen on (default: 127.0.0.1); others are refused while password or secret are the well-known ones',
    )
    .option('--secret-file <file>', 'file with the secret that signs tokens (default: the well-known devicehive)')
    .option('--password-file <file>', "file with the administrator's password (default: the well-known one)")
    .option('--no-demo', 'leave out device d1 and its command 42')
    .option('--ready-file <file>', 'write URL, login and tokens to this file once the server accepts connections')
    .option('--answer-all', 'answer where DeviceHive stays silent or falls over')
    .option('--insecure', 'allow other addresses with the well-known password or secret')
    .option('--json', 'print URL, login and tokens as one line of JSON')
    .option('-q, --quiet', 'no log on stderr')
    .option('-v, --verbose', 'log every connection')
    .addHelpText(
      'after',
      '\nExamples:\n  $ devicehive server start\n  $ devicehive server start --port 8080 --ready-file ready.json &\n  $ devicehive server start --host 0.0.0.0 --secret-file secret.txt --password-file password.txt',
    );
  return command.action(async () => {
    const { serverStart: start } = await import('./commands/serverStart.ts');
    await start(command.opts(), io);
  });
}

function serverStatus(command: Command, io: Io): Command {
  command
    .option('--wait <duration>', 'wait until a server answers, at most this long')
    .addHelpText(
      'after',
      '\nExamples:\n  $ devicehive server status\n  $ devicehive server status --url ws://127.0.0.1:8080 --wait 60s',
    );
  command.action(async () => {
    const { serverStatus: status } = await import('./commands/serverStatus.ts');
    await status(command.opts(), io);
  });
  return withCommon(command, everything);
}

function serverStop(command: Command, io: Io): Command {
  command
    .option('--all', 'stop every server of this user, not only the newest')
    .option('--json', 'one compact JSON object a line')
    .option('-q, --quiet', 'no notes on stderr');
  return command.action(async () => {
    const { serverStop: stop } = await import('./commands/serverStop.ts');
    stop(command.opts(), io);
  });
}

function withCommon(command: Command, groups: readonly FlagGroup[]): Command {
  for (const option of commonOptions(groups)) command.addOption(option);
  return command;
}
