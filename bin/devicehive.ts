import { main } from '../src/cli/main.ts';

/** Everything has been written when `main` is done; leaving at once spares a millisecond of taking sockets apart. */
void main(process.argv.slice(2), process).then((code) => process.exit(code));
