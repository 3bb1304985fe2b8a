import type { ToolCommand } from '../toolCommand.ts';

const list: ToolCommand = {
  words: ['schema', 'list'],
  summary: 'List the JSON Schemas of actions and files, with title and permission',
  groups: ['output', 'general'],
  examples: ['schema list', `schema list --query "[?permission=='GetDevice'].name"`],
  declare: (command, io) => {
    command.action(async () => {
      const { schemaList } = await import('./schema.ts');
      await schemaList({ io, values: command.opts() });
    });
  },
};

const show: ToolCommand = {
  words: ['schema', 'show'],
  summary:
    'Print a JSON Schema, whole, for any validator: what an action takes, replies or pushes, or what a file holds',
  groups: ['output', 'general'],
  examples: [
    'schema show command/insert',
    'schema show command/insert --reply',
    'schema show command/insert --event',
    'schema show plan > plan.schema.json',
  ],
  declare: (command, io) => {
    command
      .argument('<schema>', 'action, such as device/list, or a kind of file, such as plan')
      .option('--reply', "the server's reply in place of the request's fields")
      .option('--event', 'what the server pushes under this name')
      .action(async (name: string) => {
        const { schemaShow } = await import('./schema.ts');
        await schemaShow(name, { io, values: command.opts() });
      });
  },
};

const example: ToolCommand = {
  words: ['schema', 'example'],
  summary: 'Print a valid request, as batch and request take it, or a valid file',
  groups: ['output', 'general'],
  examples: [
    'schema example command/insert',
    'schema example command/insert --all > requests.ndjson',
    'schema example device/save | devicehive batch -',
  ],
  declare: (command, io) => {
    command
      .argument('<schema>', 'action, such as device/list, or a kind of file, such as plan')
      .option('--all', 'all examples there are, one a line')
      .action(async (name: string) => {
        const { schemaExample } = await import('./schema.ts');
        await schemaExample(name, { io, values: command.opts() });
      });
  },
};

/** JSON Schemas of everything that can be sent, received or written to a file. */
export const schemaCommands: readonly ToolCommand[] = [list, show, example];
