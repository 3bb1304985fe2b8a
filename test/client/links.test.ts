import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Link, LinkListener, LinkOptions, Links, Posting } from '../../src/client/index.ts';
import { fleetLinks } from '../../src/client/links.ts';
import { Failure } from '../../src/errors.ts';
import type { PushFrame, ReplyFrame } from '../../src/protocol/frames.ts';
import { deadUrl } from '../helpers/badServer.ts';
import { fakeServer, jwtWith, refusing, silent, type Answer } from '../helpers/fakeServer.ts';
import { HeldTime } from '../helpers/heldTime.ts';

/** One link, and the events that it reported. */
class Ear implements LinkListener {
  readonly pushes: PushFrame[] = [];
  readonly opened: Promise<Link>;
  readonly closed: Promise<Failure>;
  closes = 0;
  #open!: (link: Link) => void;
  #close!: (failure: Failure) => void;

  constructor(links: Links) {
    this.opened = new Promise((resolve) => (this.#open = resolve));
    this.closed = new Promise((resolve) => (this.#close = resolve));
    links.open(this);
  }

  onOpen(link: Link): void {
    this.#open(link);
  }

  onPush(push: PushFrame): void {
    this.pushes.push(push);
  }

  onClosed(failure: Failure): void {
    this.closes++;
    this.#close(failure);
  }
}

function linksTo(url: string, options: Partial<LinkOptions> = {}): Links & Disposable {
  const links = fleetLinks({ url, proxy: false, ...options }, { probeAfterMs: 5 });
  return Object.assign(links, { [Symbol.dispose]: () => links.close() });
}

async function open(links: Links, count: number): Promise<Link[]> {
  return Promise.all(Array.from({ length: count }, () => new Ear(links).opened));
}

function end(links: readonly Link[]): void {
  for (const link of links) link.close();
}

/** Posts a request and returns its outcome. */
function posted(link: Link, frame: Record<string, unknown> & { readonly action: string }): Promise<ReplyFrame> {
  const text = JSON.stringify(frame);
  return new Promise((resolve, reject) => {
    const posting: Posting = {
      action: frame.action,
      payload: frame,
      text,
      onReply: resolve,
      onFailure: reject,
    };
    link.post(posting);
  });
}

describe('links', () => {
  it('send, and receive pushes of any subscription', async () => {
    await using server = await fakeServer({
      'command/subscribe': ({ action, requestId }, peer) => {
        peer.send({ action, requestId, status: 'success', subscriptionId: 7 });
        peer.send({ action: 'command/insert', command: { id: 1 }, subscriptionId: 7 });
        peer.send({ action: 'command/insert', command: { id: 2 }, subscriptionId: 8 });
        return undefined;
      },
    });
    using links = linksTo(server.url);
    const ear = new Ear(links);
    const link = await ear.opened;
    const reply = await posted(link, { action: 'command/subscribe', deviceId: 'd1' });
    assert.equal(reply['subscriptionId'], 7);
    await posted(link, { action: 'server/info' });
    assert.deepEqual(
      ear.pushes.map(({ command }) => command),
      [{ id: 1 }, { id: 2 }],
    );
    link.close();
    assert.equal(ear.closes, 0);
  });

  it('log in once for all', async () => {
    await using server = await fakeServer({
      token: () => ({ accessToken: 'fresh', refreshToken: 'refresh' }),
    });
    using links = linksTo(server.url, { credentials: { login: 'dhadmin', password: 'secret' } });
    end(await open(links, 20));
    assert.equal(server.sent('token').length, 1);
    assert.deepEqual(
      server.sent('authenticate').map(({ token }) => token),
      Array.from({ length: 20 }, () => 'fresh'),
    );
  });

  for (const [what, expiresAtMs] of [
    ['an expired token', Date.now() + 3_600_000],
    ['a token near its end', Date.now() + 1000],
  ] as const) {
    it(`refresh ${what} once for all`, async () => {
      const stale = jwtWith({ t: 1, e: expiresAtMs });
      const authenticate: Answer = ({ token }) =>
        token === stale ? { status: 'error', code: 401, error: 'Token expired' } : {};
      await using server = await fakeServer({ authenticate, 'token/refresh': () => ({ accessToken: 'fresh' }) });
      const told: string[] = [];
      using links = linksTo(server.url, {
        credentials: {
          accessToken: stale,
          refreshToken: 'refresh',
          onTokens: ({ accessToken }) => void told.push(accessToken),
        },
      });
      end(await open(links, 20));
      assert.equal(server.sent('token/refresh').length, 1);
      assert.deepEqual(told, ['fresh']);
      assert.equal(server.sent('authenticate').filter(({ token }) => token === 'fresh').length, 20);
    });
  }

  it('renew an expired token once for all, and repeat the refused requests', async () => {
    const valid = new Set<unknown>();
    const insert: Answer = (_request, peer) =>
      valid.has(peer) ? {} : { status: 'error', code: 401, error: 'Token expired' };
    await using server = await fakeServer({
      authenticate: ({ token }, peer) => {
        if (token === 'fresh') valid.add(peer);
        return {};
      },
      'notification/insert': insert,
      'token/refresh': () => ({ accessToken: 'fresh' }),
    });
    using links = linksTo(server.url, { credentials: { accessToken: 'stale', refreshToken: 'refresh' } });
    const all = await open(links, 20);
    const [first, ...others] = all;
    assert.ok(first !== undefined);
    const insertFrom = (link: Link) => posted(link, { action: 'notification/insert', deviceId: 'd1' });
    await Promise.all([insertFrom(first), insertFrom(first)]);
    await Promise.all(others.map(insertFrom));
    assert.equal(server.sent('token/refresh').length, 1);
    assert.equal(server.sent('notification/insert').length, 2 * 21);
    end(all);
  });

  it('report an expired token that cannot be renewed', async () => {
    await using server = await fakeServer({ 'device/get': refusing(401, 'Token expired') });
    using links = linksTo(server.url, { credentials: { accessToken: 'stale' } });
    const all = await open(links, 1);
    await assert.rejects(posted(all[0] as Link, { action: 'device/get', deviceId: 'd1' }), /Token expired/);
    assert.equal(server.sent('device/get').length, 1);
    end(all);
  });

  it('fetch a token anew when the link that fetched it was lost', async () => {
    let asked = 0;
    await using server = await fakeServer({
      token: (_request, peer) => {
        if (++asked > 1) return { accessToken: 'fresh' };
        peer.drop();
        return undefined;
      },
    });
    using links = linksTo(server.url, { credentials: { login: 'dhadmin', password: 'secret' } });
    const ears = [new Ear(links), new Ear(links), new Ear(links)];
    const ends = await Promise.all(ears.map(({ opened, closed }) => Promise.race([opened, closed])));
    assert.equal(ends.filter((one) => one instanceof Failure).length, 1);
    assert.equal(asked, 2);
    end(ends.filter((one): one is Link => !(one instanceof Failure)));
  });

  it('open only so many at a time, in the order they were asked for', async () => {
    let opening = 0;
    let most = 0;
    await using server = await fakeServer({
      authenticate: ({ action, requestId }, peer) => {
        most = Math.max(most, ++opening);
        setImmediate(() => {
          opening--;
          peer.send({ action, requestId, status: 'success' });
        });
        return undefined;
      },
    });
    using links = linksTo(server.url, { credentials: { accessToken: 'a' }, maxOpening: 3 });
    const order: number[] = [];
    const opened = Array.from({ length: 12 }, async (_, index) => {
      const link = await new Ear(links).opened;
      order.push(index);
      return link;
    });
    end(await Promise.all(opened));
    assert.ok(most <= 3);
    assert.deepEqual(order.slice(0, 3).sort(), [0, 1, 2]);
  });

  it('say why they could not be opened', async () => {
    using links = linksTo(await deadUrl());
    const failure = await new Ear(links).closed;
    assert.equal(failure.kind, 'connect');
    assert.match(failure.message, /connection refused/);
  });

  it('say that a login was refused', async () => {
    await using server = await fakeServer({ authenticate: refusing(401, 'Invalid credentials') });
    using links = linksTo(server.url, { credentials: { accessToken: 'a' } });
    const failure = await new Ear(links).closed;
    assert.equal(failure.kind, 'auth');
    assert.equal(await server.closed(), 1000);
  });

  it('fail pending requests when they are lost, then report their own end, once', async () => {
    await using server = await fakeServer({ 'device/get': silent });
    using links = linksTo(server.url);
    const ear = new Ear(links);
    const link = await ear.opened;
    const order: string[] = [];
    const request = posted(link, { action: 'device/get', deviceId: 'd1' }).catch((error: unknown) => {
      order.push((error as Failure).message.replace(/127.*/, 'it'));
    });
    await server.received('device/get');
    server.peers[0]?.drop();
    const failure = await ear.closed;
    await request;
    assert.deepEqual(order, ['device/get: the connection to it']);
    assert.match(failure.message, /was lost, and its subscriptions with it/);
    link.close();
    assert.equal(ear.closes, 1);
  });

  it('can lose their connection without a word', async () => {
    await using server = await fakeServer();
    using links = linksTo(server.url);
    const ear = new Ear(links);
    (await ear.opened).cut();
    assert.equal((await ear.closed).kind, 'connect');
    assert.equal(await server.closed(), 1006);
  });

  it('report a late reply to patient callers, and deliver it when it comes', async () => {
    let reply: () => void = () => assert.fail('nothing was asked');
    await using server = await fakeServer({
      'notification/insert': ({ action, requestId }, peer) => {
        reply = () => peer.send({ action, requestId, status: 'success' });
        return undefined;
      },
    });
    using links = linksTo(server.url, { timeoutMs: 10 });
    const [link] = await open(links, 1);
    const told: string[] = [];
    await new Promise<void>((resolve, reject) => {
      link?.post({
        action: 'notification/insert',
        payload: {},
        text: '{"action":"notification/insert"}',
        onLate: (error) => {
          told.push((error as Failure).kind);
          reply();
        },
        onReply: () => resolve(),
        onFailure: reject,
      });
    });
    assert.deepEqual(told, ['timeout']);
    link?.close();
  });

  it('ask only few questions while a server is silent to all, and once whether it answers at all', async () => {
    await using server = await fakeServer({ 'command/update': silent, 'command/list': silent, 'device/count': silent });
    using time = new HeldTime();
    using links = linksTo(server.url);
    const [link] = await open(links, 1);
    const updates = Array.from({ length: 100 }, (_, index) =>
      posted(link as Link, { action: 'command/update', deviceId: `d${index}`, commandId: 1, command: {} }),
    );
    for (let questions = 1; questions <= 4; questions++) {
      time.pass(5);
      await server.received('command/list', questions);
    }
    time.pass(5);
    await server.received('device/count');
    time.pass(10_000);
    const ends = await Promise.allSettled(updates);
    assert.ok(ends.every(({ status }) => status === 'rejected'));
    assert.equal(server.sent('command/list').length, 4);
    assert.equal(server.sent('server/info').length, 1);
    assert.equal(server.sent('device/count').length, 1);
    link?.close();
  });

  it('find out that commands are gone while the server answers others', async () => {
    await using server = await fakeServer({ 'command/update': silent, 'command/list': () => ({ commands: [] }) });
    using links = linksTo(server.url);
    const [link] = await open(links, 1);
    const updates = Array.from({ length: 100 }, (_, index) =>
      posted(link as Link, { action: 'command/update', deviceId: `d${index}`, commandId: 1, command: {} }),
    );
    const ends = await Promise.allSettled(updates);
    for (const one of ends) assert.match(String((one as PromiseRejectedResult).reason), /has no command 1/);
    link?.close();
  });
});
