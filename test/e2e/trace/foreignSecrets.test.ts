import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { received, sent, traceText } from '../../helpers/traces.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

/** What a program that hides nothing has recorded; `password` is sent, and repeated by the server. */
function recording(password: string): string {
  const token = `eyJhbGciOiJIUzI1NiJ9.eyJwYXlsb2FkIjp7fX0.${password}`;
  const login = { action: 'token', requestId: 1, login: 'me', password };
  const refused = { action: 'token', requestId: 1, status: 'error', code: 401, error: `${password} is wrong` };
  const save = { action: 'device/save', requestId: 2, deviceId: 'd9', device: { name: 'n', data: { token } } };
  const saved = { action: 'device/save', requestId: 2, status: 'success' };
  const insert = {
    action: 'user/insert',
    requestId: 3,
    user: { login: 'someone', role: 1, status: 0, password, data: { note: password } },
  };
  const inserted = { action: 'user/insert', requestId: 3, status: 'success', user: { id: 7 } };
  const lines = [login, save, insert].flatMap((frame, index) => [
    sent(frame),
    received([refused, saved, inserted][index] ?? {}),
  ]);
  const authenticate = { action: 'authenticate', requestId: 0, token };
  const begun = [sent(authenticate), received({ action: 'authenticate', requestId: 0, status: 'success' })];
  return traceText([...begun, ...lines]).replaceAll('/dh/websocket', `/dh/websocket?access_token=${password}&room=7`);
}

function file(name: string, text: string): string {
  writeFileSync(join(home.work, name), text);
  return name;
}

describe('a recording of another program that hides nothing', () => {
  const one = file('one.ndjson', recording('hunter-secret'));
  const other = file('other.ndjson', recording('second-secret'));

  const commands: readonly (readonly string[])[] = [
    ['trace', 'show', one],
    ['trace', 'show', one, '--action', 'user'],
    ['trace', 'diff', one, other],
    ['trace', 'replay', one, '--dry-run', '--allow-admin'],
    ['trace', 'replay', one, '--embedded', '--allow-admin'],
  ];
  for (const words of commands) {
    it(`is shown without secrets by ${words.join(' ')}`, async () => {
      for (const format of ['text', 'json', 'yaml']) {
        const run = await home.run([...words, '-o', format]);
        assert.notEqual(run.stdout, '');
        assert.doesNotMatch(run.stdout + run.stderr, /hunter|second-secret/);
        assert.match(run.stdout + run.stderr, /\*\*\*/);
      }
    });
  }

  it('is told apart by secrets that differ, without showing them', async () => {
    const run = await home.run(['trace', 'diff', one, other, '-o', 'text']);
    assert.equal(run.code, 9);
    assert.match(run.stdout, /request\.password: first "\*\*\*", second "\*\*\*"/);
  });

  it('is replayed with its secrets', async () => {
    const found = await home.run(['trace', 'replay', one, '--embedded', '--allow-admin', '--json']);
    assert.match(found.stdout, /"actual":\{"action":"user\/insert","requestId":\d+,"status":"success"/);
    assert.match(found.stderr, /warning: users and configuration are changed as the recording did/);
  });

  it('is told as no recording without showing its secrets', async () => {
    const run = await home.run(['trace', 'show', file('bad.ndjson', '{"token":"hunter-secret"}\n')]);
    assert.equal(run.code, 2);
    assert.doesNotMatch(run.stderr, /hunter/);
  });
});
