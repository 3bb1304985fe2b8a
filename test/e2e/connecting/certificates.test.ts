import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { fakeServer, testCertificate, testClient, testKey } from '../../helpers/fakeServer.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
for (const [name, text] of Object.entries({
  ca: testCertificate,
  cert: testCertificate,
  key: testKey,
  own: testClient,
})) {
  writeFileSync(join(home.work, `${name}.pem`), text);
}
const info = ['server', 'info'];
const ca = ['--ca', 'ca.pem'];

describe('a server that wants a client certificate', () => {
  for (const maxTls of [undefined, 'TLSv1.2'] as const) {
    const options = { tls: true, clients: testCertificate, ...(maxTls === undefined ? {} : { maxTls }) };
    const name = maxTls ?? 'TLSv1.3';

    it(`is told as that over ${name}`, async () => {
      await using server = await fakeServer({}, options);
      const run = await home.run([...info, ...ca, '--url', server.url]);
      assert.equal(run.code, 5, run.stderr);
      assert.match(run.stderr, /want(s)? a client certificate/);
      assert.match(run.stderr, /--cert FILE and --key FILE/);
    });

    it(`lets one in over ${name}`, async () => {
      await using server = await fakeServer({}, options);
      const run = await home.run([...info, ...ca, '--cert', 'cert.pem', '--key', 'key.pem', '--url', server.url]);
      assert.equal(run.code, 0, run.stderr);
    });

    it(`refuses another certificate over ${name}, which is told`, async () => {
      await using server = await fakeServer({}, options);
      const run = await home.run([...info, ...ca, '--cert', 'own.pem', '--url', server.url]);
      assert.equal(run.code, 5, run.stderr);
      assert.match(run.stderr, /it may be that it refuses the client certificate/);
    });
  }

  it('lets in a certificate whose file holds its key, and a context with one', async () => {
    await using server = await fakeServer({}, { tls: true, clients: testClient });
    const add = await home.run([
      'context',
      'add',
      'own',
      '--url',
      server.url,
      ...ca,
      '--cert',
      'own.pem',
      '-o',
      'json',
    ]);
    assert.equal(add.code, 0, add.stderr);
    const run = await home.run([...info, '--context', 'own'], { cwd: home.folder });
    assert.equal(run.code, 0, run.stderr);
  });

  it('is not connected to with a key that does not belong to its certificate', async () => {
    const words = ['--cert', 'own.pem', '--key', 'key.pem', '--url', 'wss://127.0.0.1:1'];
    const run = await home.run([...info, ...words]);
    assert.equal(run.code, 2, run.stderr);
    assert.match(run.stderr, /the client certificate and its key cannot be used together/);
    const alone = await home.run([...info, '--key', 'key.pem', '--url', 'wss://127.0.0.1:1']);
    assert.equal(alone.code, 2);
    assert.match(alone.stderr, /--key needs --cert/);
  });
});

describe('--tls-insecure', () => {
  it('accepts any certificate, and says once what that means', async () => {
    await using server = await fakeServer({}, { tls: true });
    assert.equal((await home.run([...info, '--url', server.url])).code, 5);
    const stdin = '{"action":"server/info"}\n{"action":"server/info"}\n';
    const run = await home.run(['batch', '-', '--tls-insecure', '--url', server.url], { stdin });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stderr.match(/^warning: the certificate of the server is not checked/gm)?.length, 1);
    await home.run(['context', 'add', 'unchecked', '--url', server.url, '--tls-insecure']);
    const kept = await home.run([...info, '--context', 'unchecked', '--quiet']);
    assert.equal(kept.code, 0, kept.stderr);
    assert.match(kept.stderr, /^warning: the certificate of the server is not checked/m);
  });

  it('says nothing where nothing is encrypted', async () => {
    await using server = await fakeServer();
    const run = await home.run([...info, '--tls-insecure', '--url', server.url]);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stderr, '');
  });
});
