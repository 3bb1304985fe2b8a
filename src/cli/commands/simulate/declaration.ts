import type { Command } from 'commander';
import { repeatable } from '../../flags/commonFlags.ts';
import type { ToolCommand } from '../toolCommand.ts';
import { reportOption } from '../results/reportOption.ts';
import { manifestOptions, observerOptions, startOptions } from './options.ts';

/** Declares the plan that `run` and `plan` take: a file, flags, or both, with flags winning. */
function declarePlan(command: Command): void {
  command
    .argument('[plan]', 'plan: YAML or JSON, - for stdin; or a behaviour module')
    .option('--allow-outside', 'let the plan use files outside its folder, though others may have written it')
    .option('--devices <count>', 'how many devices (default: 1)')
    .option('--id <template>', "ids of the devices; {index} counts from 0, {index:04} pads (default: 'sim-{index}')")
    .addOption(
      repeatable(
        '--notify <spec>',
        `what the devices tell: 'NAME=GENERATOR every DURATION [jitter SHARE]', such as 'temperature=walk(18,26,0.3) every 5s' (repeatable)`,
      ),
    )
    .addOption(
      repeatable(
        '--on <spec>',
        `answer to a command: 'COMMAND=STATUS [after DURATION] [result JSON]'; several of one command are its steps, '*' is every other (repeatable)`,
      ),
    )
    .option('--network <id>', 'network of the devices')
    .option('--device-type <id>', 'device type of the devices')
    .option('--seed <number>', 'makes every payload and every time the same again (default: 0)')
    .option('--for <duration>', 'length of the run')
    .option('--ramp <rate>', 'devices that start in a second, such as 200/s (default: all at once)')
    .option('--connections <count>', 'sockets for all devices together (default: one each)')
    .option('--shard <i/n>', 'only part i of n, from 0: the parts together are the whole run')
    .option('--shards <n>', 'how many parts there are, where JOB_COMPLETION_INDEX says which one this is');
}

const plan: ToolCommand = {
  words: ['simulate', 'plan'],
  summary: 'Print what a plan would do, without a network',
  groups: ['general'],
  examples: [
    'simulate plan fleet.yaml',
    'simulate plan fleet.yaml --json --for 5m --shard 0/3',
    "simulate plan --devices 3 --notify 'temperature=walk(18,26,0.3) every 5s' --on 'reboot=done after 2s'",
  ],
  exitCodes: [3],
  declare: (command, io) => {
    command.description(
      'Print what a plan would do, without a network.\n\n' +
        'In a pipe each planned event is a line of JSON: atMs, device, kind, name, parameters. On a terminal a summary comes first, then some of the events. ' +
        'The same seed gives the same events, whatever the number of shards. Without an end the first 60 s are shown.',
    );
    declarePlan(command);
    command.option('--json', 'all events as lines of JSON, errors too').action(async (file: string | undefined) => {
      const { simulatePlan } = await import('./plan/plan.ts');
      await simulatePlan(file, { io, values: command.opts() });
    });
  },
};

const check: ToolCommand = {
  words: ['simulate', 'check'],
  summary: 'Try what devices answer, on a virtual clock; TAP out',
  groups: ['general'],
  examples: [
    'simulate check behaviour.ts',
    'simulate check fleet.yaml',
    'simulate check fleet.yaml --script cases.yaml',
  ],
  exitCodes: [3, 9],
  declare: (command, io) => {
    command
      .description(
        'Try what devices answer, on a virtual clock; TAP out.\n\n' +
          'Cases come from --script, or from what a behaviour module exports as cases; without any, each fleet gets each of its commands once and has to answer. ' +
          'Nothing goes over a network, faults are left out, and a minute takes no time. What cases may hold: devicehive schema show script.',
      )
      .argument('<file>', 'plan: YAML or JSON, - for stdin; or a behaviour module, TypeScript or JavaScript')
      .option('--allow-outside', 'let the plan use files outside its folder, though others may have written it')
      .option('--script <file>', 'cases: YAML or JSON')
      .option('--seed <number>', 'what random values follow from (default: that of the plan, or 0)')
      .option('--json', 'errors as one line of JSON')
      .action(async (file: string) => {
        const { simulateCheck } = await import('./check.ts');
        await simulateCheck(file, { io, values: command.opts() });
      });
  },
};

const init: ToolCommand = {
  words: ['simulate', 'init'],
  summary: 'Write a plan, or a behaviour module, to begin with',
  groups: ['general'],
  examples: ['simulate init', 'simulate init fleet.yaml', 'simulate init lamp.ts --behaviour', 'simulate init --print'],
  declare: (command, io) => {
    command
      .argument('[file]', 'file to write (default: fleet.yaml, or behaviour.ts)')
      .option('--behaviour', 'a behaviour module in TypeScript, in place of a plan')
      .option('--print', 'print it, write nothing')
      .option('--force', 'overwrite the file if it is there')
      .option('--json', 'errors as one line of JSON')
      .action(async (file: string | undefined) => {
        const { simulateInit } = await import('./init/init.ts');
        simulateInit(file, { io, values: command.opts() });
      });
  },
};

const run: ToolCommand = {
  words: ['simulate', 'run'],
  summary: 'Play devices, one or a hundred thousand, against any DeviceHive server',
  groups: ['target', 'output', 'general'],
  examples: [
    "simulate run --devices 100 --notify 'temperature=walk(18,26,0.3) every 5s' --on 'reboot=done after 2s'",
    'simulate run fleet.yaml --for 5m --report run.html --report run.json',
    'simulate run fleet.yaml --embedded --for 10s',
    'simulate run fleet.yaml --connections 8 --processes 2 --cleanup',
  ],
  exitCodes: [3, 9, 11],
  declare: (command, io) => {
    command.description(
      'Play devices, one or a hundred thousand, against any DeviceHive server.\n\n' +
        'The devices register, notify on their schedule, and answer commands; the plan may let operators send some. Without an end, Ctrl-C ends the run: what is in flight is finished, and ' +
        'the result printed; a second one forces. On a terminal the result is a summary, in a pipe the whole of it as JSON. 9: an assertion of the plan does not hold. ' +
        '11: this machine was too slow for the load, or nothing was measured. ' +
        'Plans are code: a behaviour module that one names runs with your rights, and csv reads files. A plan from stdin, or one that somebody else owns or may write, uses nothing outside its own folder without --allow-outside.',
    );
    declarePlan(command);
    command
      .option('--cleanup', 'remove the devices at the end that this run has made')
      .option(
        '--ready-file <file>',
        'write url, devices and pid to this file once every device is registered and subscribed',
      )
      .option('--processes <count>', 'processes that share the devices, one for each core (default: 1)')
      .option('--timeout <duration>', 'time for each request (default: 10s)');
    manifestOptions(startOptions(observerOptions(reportOption(command)))).action(async (file: string | undefined) => {
      const { simulateRun } = await import('./run/run.ts');
      await simulateRun(file, { io, values: command.opts() });
    });
  },
};

/** Commands about simulated devices. */
export const simulateCommands: readonly ToolCommand[] = [run, plan, check, init];
