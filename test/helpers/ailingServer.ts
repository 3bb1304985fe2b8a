import type { WebSocket } from 'ws';
import { isAsync } from '../../src/protocol/asyncActions.ts';
import type { Frame } from '../../src/protocol/frames.ts';
import type { RunningServer, ServerOptions } from '../../src/server/index.ts';
import { embeddedServer } from './embeddedServer.ts';
import { doctoredServer, type Treatment } from './doctoredServer.ts';

/**
 * The state of a server. `backend stopped`: the frontend still answers what it knows, such as refusals, but replies and
 * pushes over the message bus never come, and a `command/get` blocks its session for good (PROTOCOL.md Q2, Q43).
 * `frontend hangs`: nothing is answered, not even a handshake (Q41, Q42).
 */
export type Health = 'well' | 'backend stopped' | 'frontend hangs';

/**
 * An embedded server that falls ill and recovers on command. It still carries out the requests that it leaves
 * unanswered.
 */
export interface AilingServer extends AsyncDisposable {
  readonly url: string;
  /** The server behind it, which is always well. */
  readonly server: RunningServer;
  health: Health;
  /** Returns the requests of one action that clients have sent, in order. */
  sent(action: string): Frame[];
  /** Resolves with them once there are `count`, by default one. */
  received(action: string, count?: number): Promise<Frame[]>;
}

/** Starts a server that is ill from the beginning unless `health` says otherwise. */
export async function ailingServer(
  health: Health = 'backend stopped',
  options: ServerOptions = {},
): Promise<AilingServer> {
  const server = await embeddedServer(options);
  const patient = new Patient(health);
  const doctored = await doctoredServer(server.url, {
    lets: () => patient.health !== 'frontend hangs',
    onRequest: (request, client) => patient.request(request, client),
    onReply: (reply, request, client) => patient.reply(reply, request, client),
  });
  return Object.assign(patient, {
    url: doctored.url,
    server,
    [Symbol.asyncDispose]: async () => {
      await doctored.close();
      await server.close();
    },
  });
}

class Patient {
  health: Health;
  readonly #requests: Frame[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #blocked = new WeakSet<WebSocket>();

  constructor(health: Health) {
    this.health = health;
  }

  sent(action: string): Frame[] {
    return this.#requests.filter((request) => request['action'] === action);
  }

  received(action: string, count = 1): Promise<Frame[]> {
    return new Promise((resolve) => {
      const look = () => {
        const requests = this.sent(action);
        if (requests.length < count) return;
        this.#waiting.delete(look);
        resolve(requests);
      };
      this.#waiting.add(look);
      look();
    });
  }

  request(request: Frame, client: WebSocket): Treatment {
    this.#requests.push(request);
    for (const look of this.#waiting) look();
    return this.health === 'frontend hangs' || this.#blocked.has(client) ? 'swallow' : 'pass';
  }

  reply(frame: Frame, request: Frame | undefined, client: WebSocket): Treatment {
    if (this.health === 'well') return 'pass';
    if (this.health === 'frontend hangs' || this.#blocked.has(client)) return 'swallow';
    const action = String(request?.['action']);
    const isWait = action === 'command/get' && frame['status'] === 'success';
    if (isWait) this.#blocked.add(client);
    const isPush = !('status' in frame);
    return isPush || isWait || (isAsync(action) && frame['status'] === 'success') ? 'swallow' : 'pass';
  }
}
