import type { ToolCommand } from '../toolCommand.ts';

/** Lists all commands, for people and for programs. */
export const commandsCommand: ToolCommand = {
  words: ['commands'],
  summary: 'List all commands; with --json every flag, argument, example and exit code too, for programs',
  groups: ['output', 'general'],
  examples: ['commands', 'commands --json', `commands --query "commands[?action=='command/insert'].flags[].name"`],
  declare: (command, io, program) => {
    command.action(async () => {
      const { commands: print } = await import('./commands.ts');
      await print(program, { io, values: command.opts() });
    });
  },
};
