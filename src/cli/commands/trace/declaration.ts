import type { ToolCommand } from '../toolCommand.ts';

const show: ToolCommand = {
  words: ['trace', 'show'],
  summary: 'Show what a recorded session said, and how long it waited for what',
  groups: ['output', 'general'],
  examples: [
    'trace show session.ndjson',
    'trace show session.ndjson --failed',
    'trace show session.ndjson --action command/update --json | jq \'select(.kind == "reply").replyMs\'',
  ],
  declare: (command, io) => {
    command
      .argument('<file>', 'what --trace-file recorded; - for stdin')
      .option('--action <action>', 'only requests, replies and pushes of this action, or of this noun')
      .option('--failed', 'only what was refused or met with silence')
      .action(async (file: string) => {
        const { traceShow } = await import('./show.ts');
        await traceShow(file, { io, values: command.opts() });
      });
  },
};

const replay: ToolCommand = {
  words: ['trace', 'replay'],
  summary: 'Send what a recorded session sent once more, and tell which replies and pushes differ',
  groups: ['target', 'seed', 'sending', 'output', 'general'],
  exitCodes: [3, 9],
  examples: [
    'trace replay session.ndjson --embedded',
    'trace replay session.ndjson --url ws://127.0.0.1:8080 --speed 1',
    'trace replay session.ndjson --dry-run',
  ],
  declare: (command, io) => {
    command
      .description(
        'Send what a recorded session sent once more, and tell which replies and pushes differ; ends with 9 where any does.\n\n' +
          'A replay writes what the recording wrote: it inserts, updates and deletes again. Frames that change users or configuration need --allow-admin; ' +
          'the user of the token in force is never changed. What a connection said after it had logged in as somebody else, and whatever depends on a frame that is not sent, is left out. ' +
          'Ids, times and tokens are compared by their role: an id that the server chose is replaced in later requests by the one that it chooses now, and a request whose ' +
          'id the replay never got is not sent. The connections authenticate with the token in force; what the recording hides (***) cannot be sent. Pushes are waited for until nothing has come for the time of --timeout.',
      )
      .argument('<file>', 'what --trace-file recorded')
      .option('--speed <factor>', 'keep the pace of the recording, times this (default: as fast as the replies come)')
      .option('--allow-admin', 'also send frames that change users or configuration')
      .action(async (file: string) => {
        const { traceReplay } = await import('./replay/replay.ts');
        await traceReplay(file, { io, values: command.opts() });
      });
  },
};

const diff: ToolCommand = {
  words: ['trace', 'diff'],
  summary: 'Compare two recorded sessions as conversations: ends with 0 where they say the same, with 9 where not',
  groups: ['output', 'general'],
  exitCodes: [9],
  examples: ['trace diff before.ndjson after.ndjson', 'trace diff before.ndjson after.ndjson --json'],
  declare: (command, io) => {
    command
      .argument('<one>', 'what --trace-file recorded')
      .argument('<other>', 'another recording')
      .action(async (one: string, other: string) => {
        const { traceDiff } = await import('./diff/diff.ts');
        await traceDiff(one, other, { io, values: command.opts() });
      });
  },
};

/** Commands about recorded sessions. */
export const traceCommands: readonly ToolCommand[] = [show, replay, diff];
