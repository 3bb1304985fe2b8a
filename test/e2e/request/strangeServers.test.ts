import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import {
  deadUrl,
  echoServer,
  forgesTheKey,
  hangsUp,
  saysNothing,
  speaksFirst,
  tcpServer,
  webServer,
} from '../../helpers/badServer.ts';
import { errorOf, Home, type Ended } from '../../helpers/cli.ts';
import { fakeServer, silent, type Peer } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
writeFileSync(join(home.work, 'token.txt'), 'a-token', { mode: 0o600 });

const update = ['command', 'update', '--device', 'd1', '--id', '42', '--status', 'done', '--token-file', 'token.txt'];
/** Long enough for a busy machine to answer everything else. */
const soon = ['--timeout', '3s'];

interface Server extends AsyncDisposable {
  readonly url: string;
}

/**
 * A server that is not a DeviceHive, or a strange one; how a command against it exits, and what the message must say.
 */
interface Case {
  readonly what: string;
  readonly server: () => Promise<Server>;
  readonly args?: readonly string[];
  readonly code: 5 | 7;
  readonly says: readonly RegExp[];
}

function nowhere(url: string): Server {
  return { url, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Starts a DeviceHive that treats updates in its own way. */
function treats(treat: (peer: Peer) => void): () => Promise<Server> {
  return () =>
    fakeServer({
      'command/update': (_request, peer) => {
        treat(peer);
        return undefined;
      },
    });
}

const noServer: readonly Case[] = [
  ...[200, 302, 401, 403, 404, 500, 503].map((status): Case => ({
    what: `a web server that answers ${status}`,
    server: () => webServer(status),
    code: 5,
    says: [new RegExp(`\\b${status}\\b`)],
  })),
  {
    what: 'a server that hangs up in the handshake',
    server: () => tcpServer(hangsUp),
    code: 5,
    says: [/127\.0\.0\.1/],
  },
  { what: 'a server of another protocol', server: () => tcpServer(speaksFirst), code: 5, says: [/127\.0\.0\.1/] },
  {
    what: 'a server that forges the handshake',
    server: () => tcpServer(forgesTheKey),
    code: 5,
    says: [/127\.0\.0\.1/],
  },
  {
    what: 'a server that accepts and says nothing',
    server: () => tcpServer(saysNothing),
    args: ['--connect-timeout', '3s'],
    code: 5,
    says: [/3000 ms/],
  },
  {
    what: 'a port on which nothing listens',
    server: async () => nowhere(await deadUrl()),
    code: 5,
    says: [/refused/i],
  },
  {
    what: 'a host that does not exist',
    server: () => Promise.resolve(nowhere('ws://no-such-host.invalid:8080')),
    code: 5,
    says: [/no-such-host\.invalid/],
  },
  {
    what: 'wss to a server without TLS',
    server: async () => {
      const plain = await fakeServer();
      return { url: plain.url.replace('ws:', 'wss:'), [Symbol.asyncDispose]: () => plain.close() };
    },
    code: 5,
    says: [/TLS|wss/],
  },
  {
    what: 'wss with a certificate that nobody trusts',
    server: () => fakeServer({}, { tls: true }),
    code: 5,
    says: [/certificate/i],
  },
];

const strange: readonly Case[] = [
  { what: 'an echo', server: echoServer, args: soon, code: 7, says: [/authenticate/, /came/] },
  {
    what: 'a server that never answers authenticate',
    server: () => fakeServer({ authenticate: silent }),
    args: soon,
    code: 7,
    says: [/authenticate/, /3 s/],
  },
  {
    what: 'a server that answers text that is no JSON',
    server: treats((peer) => peer.send('good morning')),
    args: soon,
    code: 7,
    says: [/came/, /good morning/],
  },
  {
    what: 'a server that answers binary',
    server: treats((peer) => peer.sendBinary(Buffer.from([1, 2, 3]))),
    args: soon,
    code: 7,
    says: [/came/, /binary/],
  },
  {
    what: 'a server that answers a list',
    server: treats((peer) => peer.send('[]')),
    args: soon,
    code: 7,
    says: [/came/, /\[\]/],
  },
  {
    what: 'a server that answers with an id that nobody asked with',
    server: treats((peer) => peer.send({ action: 'command/update', requestId: 4711, status: 'success' })),
    args: soon,
    code: 7,
    says: [/came/, /4711/],
  },
  {
    what: 'a server that closes before the reply',
    server: treats((peer) => peer.close(4321, 'gone fishing')),
    code: 5,
    says: [/4321/, /gone fishing/],
  },
  {
    what: 'a server that drops the connection before the reply',
    server: treats((peer) => peer.drop()),
    code: 5,
    says: [/1006|closing handshake|reset/],
  },
];

/**
 * Checks for one clear message for people: it begins with what was attempted, and has no stack and no control
 * characters.
 */
function assertTold({ stdout, stderr }: Ended, says: readonly RegExp[]): void {
  assert.equal(stdout, '');
  assert.match(stderr, /^devicehive command update: [^\n]+\n/);
  assert.doesNotMatch(stderr, /^\s+at /m);
  assert.ok(!stderr.includes('a-token'), stderr);
  for (const text of says) assert.match(stderr, text);
}

/** Checks the same for one line of JSON. */
function assertToldAsJson(run: Ended, { code, says }: Case): void {
  assert.equal(run.stdout, '');
  const error = errorOf(run);
  for (const key of ['kind', 'code', 'exit', 'message', 'hint']) assert.ok(key in error, `${key} is missing`);
  assert.equal(error['kind'], code === 5 ? 'connect' : 'timeout');
  assert.equal(error['code'], null);
  assert.equal(error['exit'], code);
  assert.ok(typeof error['hint'] === 'string' && error['hint'] !== '');
  for (const text of says) assert.match(`${String(error['message'])}\n${error['hint']}`, text);
}

function check(row: Case): void {
  it(`${row.what} ends with ${row.code} and one clear message`, async () => {
    await using server = await row.server();
    const args = [...update, '--url', server.url, ...(row.args ?? [])];
    const [plain, json] = await Promise.all([home.run(args), home.run([...args, '--json'])]);
    assert.equal(plain.code, row.code, plain.stderr);
    assertTold(plain, row.says);
    assert.equal(json.code, row.code, json.stderr);
    assertToldAsJson(json, row);
  });
}

describe('something that is not a DeviceHive server', { concurrency: 4 }, () => {
  for (const row of noServer) check(row);
});

describe('a server that behaves strangely', { concurrency: 8 }, () => {
  for (const row of strange) check(row);

  it('is ignored where frames answer nothing, and the reply after them counts', async () => {
    await using server = await fakeServer({
      'command/update': (_request, peer) => {
        for (const noise of ['good morning', '[]', '{"requestId":4711,"status":"success"}']) peer.send(noise);
        return {};
      },
    });
    const run = await home.run([...update, '--url', server.url]);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /^\{"action":"command\/update",[^\n]*"status":"success"\}\n$/);
    assert.equal(run.stderr, '');
  });

  it('gets a warning where it sends a number that only the raw output keeps exactly', async () => {
    await using server = await fakeServer({
      'command/update': ({ requestId }, peer) => {
        const start = `{"action":"command/update","requestId":${String(requestId)}`;
        peer.send(`${start},"status":"success","n":12345678901234567891}`);
        return undefined;
      },
    });
    const asItCame = await home.run([...update, '--url', server.url]);
    assert.match(asItCame.stdout, /"n":12345678901234567891\}/);
    assert.equal(asItCame.stderr, '');
    const queried = await home.run([...update, '--url', server.url, '--query', 'n']);
    assert.equal(queried.code, 0, queried.stderr);
    assert.match(queried.stderr, /holds 12345678901234567891, a number beyond 2\^53, which is rounded here/);
  });

  it('shows ignored frames with --verbose', async () => {
    await using server = await fakeServer({
      'command/update': (_request, peer) => {
        peer.send('good morning');
        return {};
      },
    });
    const run = await home.run([...update, '--url', server.url, '--verbose']);
    assert.match(run.stderr, /good morning/);
  });
});
