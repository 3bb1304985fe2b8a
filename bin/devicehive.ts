import { main } from '../src/cli/main.ts';

/** Where nothing is left to wait for and `main` is not done, it waits for what never comes: that is no success. */
process.exitCode = 1;

/** Everything has been written when `main` is done; leaving at once spares a millisecond of taking sockets apart. */
void main(process.argv.slice(2), process).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `devicehive: this is a bug in devicehive, please report it\n${String((error as Error).stack ?? error)}\n`,
    );
  },
);
