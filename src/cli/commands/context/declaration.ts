import type { ToolCommand } from '../toolCommand.ts';

const add: ToolCommand = {
  words: ['context', 'add'],
  summary: 'Give a server a name',
  groups: ['way', 'output', 'general'],
  examples: [
    'context add production --url wss://hive.example.com/api/websocket --use',
    'context add lab --url ws://192.0.2.7:8080',
    "context add gateway --url wss://hive.example.com --header 'Authorization: @gateway.txt'",
  ],
  declare: (command, io) => {
    command
      .argument('<name>', 'name of your choice')
      .requiredOption('--url <url>', 'server; without a path, /dh/websocket and /api/websocket are tried')
      .option('--use', 'use it from now on, where nothing else names a server')
      .action(async (name: string) => {
        const { contextAdd } = await import('./context.ts');
        await contextAdd(name, { io, values: command.opts() });
      });
  },
};

const list: ToolCommand = {
  words: ['context', 'list'],
  summary: 'List the contexts',
  groups: ['output', 'general'],
  examples: ['context list', "context list --query '[].name'"],
  declare: (command, io) => {
    command.action(async () => {
      const { contextList } = await import('./context.ts');
      await contextList({ io, values: command.opts() });
    });
  },
};

const use: ToolCommand = {
  words: ['context', 'use'],
  summary: 'Use a context from now on, where nothing else names a server',
  groups: ['output', 'general'],
  examples: ['context use production'],
  declare: (command, io) => {
    command.argument('<context>', 'name of a context').action(async (name: string) => {
      const { contextUse } = await import('./context.ts');
      await contextUse(name, { io, values: command.opts() });
    });
  },
};

const show: ToolCommand = {
  words: ['context', 'show'],
  summary: 'Show a context, by default the one in force here',
  groups: ['output', 'general'],
  examples: ['context show', 'context show production --query url'],
  declare: (command, io) => {
    command.argument('[context]', 'name of a context').action(async (name: string | undefined) => {
      const { contextShow } = await import('./context.ts');
      await contextShow(name, { io, values: command.opts() });
    });
  },
};

const remove: ToolCommand = {
  words: ['context', 'remove'],
  summary: 'Remove a context, and the tokens kept for it',
  groups: ['output', 'general'],
  examples: ['context remove lab'],
  declare: (command, io) => {
    command.argument('<context>', 'name of a context').action(async (name: string) => {
      const { contextRemove } = await import('./context.ts');
      await contextRemove(name, { io, values: command.opts() });
    });
  },
};

/** Servers by name. */
export const contextCommands: readonly ToolCommand[] = [add, list, use, show, remove];
