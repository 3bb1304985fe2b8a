import { main } from '../src/cli/main.ts';

/** Everything has been written when `main` is done; leaving at once spares a millisecond of taking sockets apart. */
void main(process.argv.slice(2), process).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `devicehive: this is a bug in devicehive, please report it\n${String((error as Error).stack ?? error)}\n`,
    );
    process.exitCode = 1;
  },
);
