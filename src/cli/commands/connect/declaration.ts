import type { ToolCommand } from '../toolCommand.ts';

/** A conversation that stays open, for people on a terminal and for programs on a pipe. */
export const connectCommand: ToolCommand = {
  words: ['connect'],
  summary: 'Keep one connection open: type commands or raw frames, see replies and pushes as they come',
  groups: ['target', 'seed', 'timeout', 'output', 'general'],
  exitCodes: [10, 11],
  examples: [
    'connect --embedded',
    `connect < lines.txt`,
    `connect --query command.status <<< 'command insert --device d1 --command reboot'`,
  ],
  declare: (command, io) => {
    command.addHelpText(
      'after',
      `
Lines that it takes:
  command update --device d1 --id 42 --status done   any command that sends one request, with its own flags
  {"action": "server/info"}                          any frame, sent as it is
  .watch d1 d2                                       show commands, updates and notifications of devices; .unwatch
  .help, .quit

In a pipe it takes a line, prints the reply, and goes on with the next; what comes and goes is JSON, a frame a line.`,
    );
    command.action(async () => {
      const { connectSession } = await import('./connect.ts');
      await connectSession({ io, values: command.opts() });
    });
  },
};
