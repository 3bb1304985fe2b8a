import type { ToolCommand } from '../toolCommand.ts';

/** Many requests over one connection. */
export const batchCommand: ToolCommand = {
  words: ['batch'],
  summary: 'Send a request for each line of a file or of stdin, many at a time, and print an outcome for each',
  groups: ['target', 'seed', 'request', 'general'],
  exitCodes: [10],
  examples: [
    'batch requests.ndjson',
    'batch updates.csv --action command/update --rate 100/s',
    'batch requests.ndjson --resume journal.ndjson > outcomes.ndjson',
    'batch - --concurrency 64 < requests.ndjson',
  ],
  declare: (command, io) => {
    command
      .argument('<file>', 'lines of JSON, or one JSON list: action and its fields, requestId if you like; - for stdin')
      .option('--concurrency <count>', 'how many requests may wait for their replies (default: 256)')
      .option('--rate <rate>', 'most requests a second, such as 50/s, or 300/m for a minute (default: no limit)')
      .option('--unordered', 'print outcomes as they come, not in the order of the lines')
      .option('--resume <journal>', 'keep a journal; where it exists, go on after what it has as acknowledged')
      .option('--action <action>', 'action of the lines that name none')
      .option(
        '--format <format>',
        'ndjson (one JSON list too), or csv, commas or semicolons, with dotted field names in its first line (default: by file name)',
      )
      .option('--allow-unknown', 'pass on fields that the action does not know')
      .option('--json', 'outcomes as JSON on a terminal too, errors as one line of JSON')
      .action(async (file: string) => {
        const { batch: run } = await import('./batch.ts');
        await run(file, { io, values: command.opts() });
      });
  },
};
