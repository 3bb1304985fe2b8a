import { main } from '../src/cli/main.ts';

/** If the event loop runs empty before `main` is done, something never came: the process then exits with 1, not 0. */
process.exitCode = 1;

/** All output has been written when `main` is done; exiting at once saves a millisecond of tearing down sockets. */
void main(process.argv.slice(2), process).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `devicehive: this is a bug in devicehive, please report it\n${String((error as Error).stack ?? error)}\n`,
    );
  },
);
