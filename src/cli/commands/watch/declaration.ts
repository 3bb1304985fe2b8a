import type { Command } from 'commander';
import type { Io } from '../../terminal/io.ts';
import { fieldOptions, type FieldOption } from '../../flags/fieldOptions.ts';
import type { ToolCommand } from '../toolCommand.ts';

type Noun = 'command' | 'notification';

const summaries: Readonly<Record<Noun, string>> = {
  command: 'Print commands as they are inserted or, with --updates, updated; --exec answers them as a device does',
  notification: 'Print notifications as they come, or run a program for each with --exec',
};

const examples: Readonly<Record<Noun, readonly string[]>> = {
  command: [
    'command watch --device d1',
    'command watch --device d1 --count 1 --for 10s',
    'command watch --device d1 --device d2',
    'command watch --device d1 --updates --since 60s --query command.status',
    'command watch --device d1 --exec ./reboot.sh --concurrency 4',
  ],
  notification: [
    'notification watch --network 1 --name temperature',
    "notification watch --device d1 --until 'notification.parameters.value > `30`' --for 5m",
    'notification watch --device d1 --exec ./store.sh',
  ],
};

const execTarget = 'it finds the server in DEVICEHIVE_URL, with DEVICEHIVE_TOKEN';

const execHelp: Readonly<Record<Noun, string>> = {
  command: `run this for each command, which is JSON on its stdin; its output is the result, that of a failure with the last lines of stderr; ${execTarget}`,
  notification: `run this for each notification, which is JSON on its stdin; ${execTarget}`,
};

/** Lets the flag name several devices. A subscription is for one device or for all, so a watch makes one for each. */
function severalDevices(option: FieldOption): FieldOption {
  if (option.field.name !== 'device') return option;
  option.description += ' (repeatable)';
  option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);
  return option;
}

function declare(noun: Noun, command: Command, io: Io): void {
  for (const option of fieldOptions(`${noun}/subscribe`)) command.addOption(severalDevices(option));
  command
    .option('--count <number>', 'end with 0 after so many pushes')
    .option('--for <duration>', 'end after this time: with 9 where --count or --until was not met, else with 0')
    .option('--until <jmespath>', 'end with 0 at the first push for which this is true')
    .option('--since <time>', 'begin with what the server still keeps since a timestamp, or for a duration such as 60s')
    .option('--reconnect <duration>', 'try for so long, or forever, to get a lost connection back (default: 60s)')
    .option('--ready-file <file>', 'write URL and subscription ids to this file once the server watches')
    .option('--exec <shell command>', execHelp[noun])
    .option('--concurrency <number>', 'with --exec: so many at once (default: 1)');
  command.action(async () => {
    const { watch } = await import('./watch.ts');
    await watch(noun, { io, values: command.opts() });
  });
}

function watchCommand(noun: Noun, verb: 'watch' | 'subscribe'): ToolCommand {
  return {
    words: [noun, verb],
    summary: verb === 'watch' ? summaries[noun] : `The same as ${noun} watch`,
    groups: ['target', 'seed', 'request', 'output', 'general'],
    exitCodes: [9, 11],
    examples: examples[noun].map((line) => line.replace(' watch ', ` ${verb} `)),
    declare: (command, io) => declare(noun, command, io),
  };
}

/** `watch` takes the place of `subscribe`: a command that ends could not use its subscription. */
export const watchCommands: readonly ToolCommand[] = (['command', 'notification'] as const).flatMap((noun) => [
  watchCommand(noun, 'watch'),
  watchCommand(noun, 'subscribe'),
]);
