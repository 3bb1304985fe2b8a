import { reportOption } from '../results/reportOption.ts';
import type { ToolCommand } from '../toolCommand.ts';

const show: ToolCommand = {
  words: ['report', 'show'],
  summary: 'Show the result of a simulation, or write it in another form',
  groups: ['output', 'general'],
  examples: [
    'report show run.json',
    'report show run.json --report run.html',
    'report show run.json --exit-code',
    'report show run.json --query \'hops."command.total".p99Ms\'',
  ],
  exitCodes: [9, 11],
  declare: (command, io) => {
    reportOption(command.argument('<file>', 'result that simulate run --report FILE.json wrote'))
      .option('--exit-code', 'end as the run did: with 9 or 11 where it failed')
      .action(async (file: string) => {
        const { reportShow } = await import('./report.ts');
        await reportShow(file, { io, values: command.opts() });
      });
  },
};

const merge: ToolCommand = {
  words: ['report', 'merge'],
  summary: 'Add the results of all shards exactly, and judge the assertions',
  groups: ['output', 'general'],
  examples: [
    'report merge shard-0.json shard-1.json shard-2.json --report whole.html',
    'report merge shard-*.json --json',
  ],
  exitCodes: [9, 11],
  declare: (command, io) => {
    reportOption(command.argument('<files...>', 'the results of the shards')).action(async (files: string[]) => {
      const { reportMerge } = await import('./report.ts');
      await reportMerge(files, { io, values: command.opts() });
    });
  },
};

const diff: ToolCommand = {
  words: ['report', 'diff'],
  summary: 'Show what changed between two results, the worst first',
  groups: ['output', 'general'],
  examples: ['report diff before.json after.json', 'report diff before.json after.json --fail-over 10%'],
  exitCodes: [9],
  declare: (command, io) => {
    command
      .argument('<before>', 'a result')
      .argument('<after>', 'a later one')
      .option('--fail-over <share>', 'end with 9 where latency, losses or errors grew by more than this, such as 10%')
      .action(async (before: string, after: string) => {
        const { reportDiff } = await import('./report.ts');
        await reportDiff(before, after, { io, values: command.opts() });
      });
  },
};

/** Commands about the results of simulations. */
export const reportCommands: readonly ToolCommand[] = [show, merge, diff];
