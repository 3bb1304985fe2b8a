import type { ToolCommand } from '../toolCommand.ts';

/** Help: of the program, of a command, or on a topic. */
export const helpCommand: ToolCommand = {
  words: ['help'],
  summary: 'Explain a topic, such as simulation or exit-codes, or a command',
  groups: [],
  examples: ['help', 'help simulation', 'help command insert'],
  declare: (command, io, program) => {
    command
      .description(
        'Explain a topic, such as simulation or exit-codes, or a command: devicehive help command insert is devicehive command insert --help. ' +
          'Without a word, list commands and topics. In a pipe a topic is Markdown.',
      )
      .argument('[word...]', 'name of a topic, or noun and verb of a command')
      .action(async ([name]: readonly string[]) => {
        const { showTopic, topicList } = await import('./help.ts');
        if (name !== undefined) return showTopic(name, program, io);
        program.branch([]).outputHelp();
        io.out(`\n${topicList(io)}`);
      });
  },
};
