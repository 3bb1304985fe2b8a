import type { ToolCommand } from '../toolCommand.ts';

/** Checks everything between this machine and a server. */
export const doctorCommand: ToolCommand = {
  words: ['doctor'],
  summary: 'Check server, token, clock, round trips, settings and this machine; ends as a request would',
  groups: ['target', 'output', 'general'],
  examples: [
    'doctor',
    'doctor --url ws://127.0.0.1:8080 --token-file token.txt',
    "doctor --query 'findings[?level==`problem`].message'",
    'doctor --embedded',
  ],
  declare: (command, io) => {
    command
      .description(
        'Check server, token, clock, round trips, settings and this machine.\n\n' +
          'Asks server/info, user/getCurrent and device/count, and changes nothing. Whatever is found is printed; the exit code is that of the first ' +
          'problem: 2 where no server is configured, 5 where it cannot be reached or is no DeviceHive, 4 where no token serves, 7 where it ' +
          'or its backend does not answer in time.',
      )
      .option('--timeout <duration>', 'time for each request (default: 10s)')
      .option('--requests <count>', 'how many round trips are measured, one after the other (default: 20)')
      .action(async () => {
        const { doctor: run } = await import('./doctor.ts');
        await run({ io, values: command.opts() });
      });
  },
};
