import { repeatable } from '../../flags/commonFlags.ts';
import type { ToolCommand } from '../toolCommand.ts';

const start: ToolCommand = {
  words: ['server', 'start'],
  summary: 'Start a DeviceHive server for tests, in this process',
  groups: [],
  exitCodes: [3, 9],
  examples: [
    'server start',
    'server start --port 8080 --ready-file ready.json &',
    'server start --data hive.db',
    'server start --seed seed.yaml',
    'server start --host 0.0.0.0 --secret-file secret.txt --password-file password.txt',
  ],
  declare: (command, io) => {
    command
      .option('--port <port>', 'port to listen on (default: any free one)')
      .option(
        '--host <address>',
        'address to listen on (default: 127.0.0.1); others are refused while password or secret are the well-known ones',
      )
      .option('--secret-file <file>', 'file with the secret that signs tokens (default: the well-known devicehive)')
      .option('--password-file <file>', "file with the administrator's password (default: the well-known one)")
      .option('--data <file>', 'SQLite file that keeps users, networks, device types, devices and configuration')
      .option(
        '--seed <file>',
        'YAML or JSON with networks, types, devices, users, commands: devicehive schema show seed',
      )
      .option('--no-demo', 'leave out device d1 and its command 42; with --data or --seed they are left out anyway')
      .option('--ready-file <file>', 'write URL, login and tokens to this file once the server accepts connections')
      .option('--answer-all', 'answer where DeviceHive stays silent or falls over')
      .option(
        '--latency <duration>',
        'let pushes and asynchronous replies take so long, as a real message bus does: 10ms',
      )
      .option('--strict', 'refuse what would stop a real DeviceHive, with 503; end with 9 if there was any')
      .addOption(
        repeatable(
          '--allow-host <name>',
          'on loopback: answer to this name too, besides IP addresses, localhost and *.localhost; repeatable',
        ),
      )
      .addOption(
        repeatable(
          '--allow-origin <origin>',
          'on loopback: let pages of this origin in, besides those of this machine; * lets in all; repeatable',
        ),
      )
      .option('--insecure', 'allow other addresses with the well-known password or secret')
      .option('--json', 'print URL, login and tokens as one line of JSON')
      .option('-q, --quiet', 'no log on stderr, except of what would have stopped a real DeviceHive')
      .option('-v, --verbose', 'log every connection')
      .action(async () => {
        const { serverStart } = await import('./start.ts');
        await serverStart({ io, values: command.opts() });
      });
  },
};

const status: ToolCommand = {
  words: ['server', 'status'],
  summary: 'Tell whether a server answers, its backend too, and which it is',
  groups: ['target', 'timeout', 'output', 'general'],
  examples: ['server status', 'server status --url ws://127.0.0.1:8080 --wait 60s'],
  declare: (command, io) => {
    command
      .option('--wait <duration>', 'wait until a server and its backend answer, at most this long')
      .action(async () => {
        const { serverStatus } = await import('./status.ts');
        await serverStatus({ io, values: command.opts() });
      });
  },
};

const stop: ToolCommand = {
  words: ['server', 'stop'],
  summary: 'Stop a server that server start started',
  groups: [],
  exitCodes: [5],
  examples: ['server stop', 'server stop --all'],
  declare: (command, io) => {
    command
      .option('--all', 'stop every server of this user, not only the newest')
      .option('--json', 'one compact JSON object a line')
      .option('-q, --quiet', 'no notes on stderr')
      .action(async () => {
        const { serverStop } = await import('./stop.ts');
        await serverStop({ io, values: command.opts() });
      });
  },
};

const verify: ToolCommand = {
  words: ['server', 'verify'],
  summary: 'Hold a server against what DeviceHive 4.1.0 answers, action by action; ends with 9 where anything differs',
  groups: ['target', 'timeout', 'output', 'general'],
  exitCodes: [9],
  examples: [
    'server verify ws://hive.example.com:8080',
    'server verify wss://hive.example.com/api/websocket --write --junit verify.xml',
    "server verify --context staging --query 'differences[].action'",
  ],
  declare: (command, io) => {
    command
      .argument('[url]', 'server, as with --url; without one, the configured server')
      .option(
        '--write',
        'also make networks, device types, devices, users and settings, named verify-…, and remove them',
      )
      .option('--silence <duration>', 'how long to listen where DeviceHive stays silent (default: 2.5s)')
      .option('--junit <file>', 'write a report for CI')
      .option(
        '--clean <prefix>',
        'check nothing, but remove what an interrupted check has left: --clean verify-k3x9a2b-',
      )
      .action(async (url: string | undefined) => {
        const { serverVerify } = await import('./verify/verify.ts');
        await serverVerify(url, { io, values: command.opts() });
      });
  },
};

/** Commands about servers. */
export const serverCommands: readonly ToolCommand[] = [start, status, stop, verify];
