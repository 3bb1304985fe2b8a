import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect } from '../../../src/client/index.ts';
import { tlsExplanation } from '../../../src/client/wire/tlsFailure.ts';
import { fakeServer, testCertificate } from '../../helpers/fakeServer.ts';
import { failureOf } from '../../helpers/failures.ts';

describe('wss', () => {
  it('trusts the certificate authority that is given', async () => {
    await using server = await fakeServer({}, { tls: true });
    await using connection = await connect({ url: server.url, ca: testCertificate });
    assert.equal((await connection.request('server/info', {})).reply.status, 'success');
  });

  it('refuses a self-signed certificate, and says what to do', async () => {
    await using server = await fakeServer({}, { tls: true });
    const failure = await failureOf(connect({ url: server.url }), 'connect', /self-signed/);
    assert.match(failure.hint ?? '', /--ca FILE/);
  });

  it('names a server that does not speak TLS', async () => {
    await using server = await fakeServer();
    const failure = await failureOf(
      connect({ url: server.url.replace('ws:', 'wss:') }),
      'connect',
      /does not speak TLS/,
    );
    assert.match(failure.hint ?? '', /ws:\/\//);
  });

  it('hints at wss where ws meets TLS', async () => {
    await using server = await fakeServer({}, { tls: true });
    const failure = await failureOf(connect({ url: server.url.replace('wss:', 'ws:') }), 'connect');
    assert.match(failure.hint ?? '', /wss:\/\//);
  });

  it('refuses an authority that is not a certificate', async () => {
    await failureOf(connect({ url: 'wss://127.0.0.1:1/', ca: 'nonsense' }), 'usage', /no certificate in PEM/);
  });
});

describe('an alert of a server', () => {
  const alerts: readonly (readonly [code: string, text: string, what: RegExp])[] = [
    [
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'tlsv13 alert certificate required',
      /^it wants a client certificate/,
    ],
    ['EPROTO', 'write EPROTO 80E:error:0A000410:SSL:sslv3 alert handshake failure:', /want a client certificate$/],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'tlsv1 alert unknown ca', /^it refuses the client certificate/],
    [
      'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
      'sslv3 alert certificate expired',
      /^it refuses the client certificate/,
    ],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tlsv1 alert protocol version', /^TLS failed/],
  ];
  for (const [code, text, what] of alerts) {
    it(`is told with its meaning: ${code}`, () => {
      const [told = ''] = tlsExplanation(new Error(text), code) ?? [];
      assert.match(told, what);
    });
  }
});
