import type { ToolCommand } from '../toolCommand.ts';

/** Sends any action, even one without a command. */
export const requestAny: ToolCommand = {
  words: ['request'],
  summary: 'Send any action, known or not, with fields from JSON; those of a known action are checked first',
  groups: ['target', 'seed', 'request', 'requestId', 'output', 'general'],
  examples: [
    'request server/info',
    `request device/list --data '{"take":100}'`,
    'request command/insert --data @command.json',
  ],
  declare: (command, io) => {
    command
      .argument('<action>', 'action, such as device/list')
      .option('--data <json>', 'fields as JSON, @file or - for stdin (default: {})')
      .option('--allow-unknown', 'pass on fields that the action does not know')
      .action(async (action: string) => {
        const { sendAny } = await import('./request.ts');
        await sendAny(action, { io, values: command.opts() });
      });
  },
};
