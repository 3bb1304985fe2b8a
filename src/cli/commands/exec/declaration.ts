import type { ToolCommand } from '../toolCommand.ts';

/** `exec`: runs a command of the user's, which finds a server in its environment. */
export const execCommand: ToolCommand = {
  words: ['exec'],
  summary: 'Run a command with a DeviceHive server at hand, and tear the server down when it ends',
  groups: ['target', 'seed', 'general'],
  exitCodes: [3],
  examples: [
    'exec -- npm test',
    `exec -- sh -c 'devicehive device list'`,
    'exec --seed seed.yaml -- ./smoke.sh',
    'exec --no-demo --answer-all -- pytest -x',
    'exec --strict -- npm test',
    'exec --plan fleet.yaml -- npm test',
    'exec --context staging -- ./smoke.sh',
  ],
  declare: (command, io) => {
    command
      .description(
        'Run a command with a DeviceHive server at hand, and tear the server down when it ends.\n\n' +
          'The server is the one that a flag, the environment, the project or a context names, else a fresh one inside this process; ' +
          'never one that server start runs. The command finds it in DEVICEHIVE_URL, DEVICEHIVE_TOKEN and DEVICEHIVE_REFRESH_TOKEN. ' +
          'Everything after -- is its own. Its exit code is passed through; 128 + n says that signal n ended it, 127 that there is no such ' +
          'command, 126 that it cannot be run. A signal is passed on to it; a second one kills it. The devices of --plan are registered and subscribed before the command starts, ' +
          'play until it ends, whatever the plan says of an end, and are removed where this command has made them. ' +
          'With --strict the embedded server refuses what would have stopped a real DeviceHive, lists it at the end, and a 0 becomes a 9.',
      )
      .argument('<command...>', 'command and its arguments, after --')
      .option('--plan <file>', 'play the devices of this plan meanwhile; they are up before the command starts')
      .option('--allow-outside', 'let the plan use files outside its folder, though others may have written it')
      .option('--secret-file <file>', 'file with the secret that signs the tokens of the embedded server')
      .option('--password-file <file>', "file with the password of the embedded server's administrator")
      .option('--json', 'tell errors as JSON')
      .action(async (words: [string, ...string[]]) => {
        const { exec: run } = await import('./exec.ts');
        await run(words, { io, values: command.opts() });
      });
  },
};
