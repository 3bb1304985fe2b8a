import { connect, createServer } from 'node:net';
import { listening, type Listening } from './listening.ts';

/** A proxy to a server that can be cut off and restored. */
export interface CuttableWay extends AsyncDisposable {
  readonly url: string;
  /** Drops all connections and accepts no more. */
  cut(): Promise<void>;
  /** Passes nothing on any more in either direction, and closes nothing. */
  silence(): void;
  /** Accepts connections again, on the same port. */
  mend(): Promise<void>;
}

/** Listens on its own port and passes everything on to the server at this URL. */
export async function cuttableWay(url: string): Promise<CuttableWay> {
  const target = Number(new URL(url).port);
  let isSilent = false;
  const passes = () => !isSilent;
  let way = await passing(target, passes);
  const { port } = way;
  const cut = () => way.close();
  const mend = async () => {
    isSilent = false;
    way = await passing(target, passes, port);
  };
  const silence = () => {
    isSilent = true;
  };
  return { url: `ws://127.0.0.1:${port}/dh/websocket`, cut, silence, mend, [Symbol.asyncDispose]: cut };
}

function passing(target: number, passes: () => boolean, port?: number): Promise<Listening> {
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    far.on('error', () => undefined);
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
    near.on('data', (bytes) => passes() && far.write(bytes));
    far.on('data', (bytes) => passes() && near.write(bytes));
  });
  return listening(server, port);
}
