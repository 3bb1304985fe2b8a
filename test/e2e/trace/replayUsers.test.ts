import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Home } from '../../helpers/cli.ts';
import { startServer, type Ready } from '../../helpers/runningServer.ts';

const home = new Home();
const record = ['server', 'verify', '--write', '--embedded', '--silence', '1s', '--trace-file', 'verify.ndjson'];

before(async () => {
  const run = await home.run(record);
  assert.equal(run.code, 0, run.stdout);
});
after(() => home[Symbol.dispose]());

/** The recording as it was made before recordings told whose tokens were used. */
function withoutBearers(): string {
  const text = readFileSync(join(home.work, 'verify.ndjson'), 'utf8');
  const older = text.replaceAll(/,"bearer":\{[^}]*\}/g, '');
  assert.notEqual(older, text);
  writeFileSync(join(home.work, 'older.ndjson'), older);
  return 'older.ndjson';
}

/** Runs a command as the administrator, whose password is used. */
async function asAdministrator({ url, login, password }: Ready, args: readonly string[]): Promise<string> {
  const file = join(home.work, 'password.txt');
  writeFileSync(file, password);
  const env = { DEVICEHIVE_URL: url, DEVICEHIVE_LOGIN: login, DEVICEHIVE_PASSWORD_FILE: file };
  const run = await home.run(args, { env });
  assert.equal(run.code, 0, `${run.stdout}${run.stderr}`);
  return run.stdout;
}

describe('a recording of server verify --write, replayed with --allow-admin', { concurrency: true }, () => {
  // an older recording tells less of who did what: more of it is skipped, the more the earlier tokens of others came
  for (const [name, file, summary] of [
    ['as it is', () => 'verify.ndjson', /\n[45]\d\d agree, \d+ skipped\n$/],
    ['as older versions recorded it', withoutBearers, /\n[345]\d\d agree, \d+ skipped\n$/],
  ] as const)
    it(`agrees, and leaves the administrator and all other users as they were: ${name}`, async () => {
      await using server = await startServer(home);
      const fields = 'users[].[id, login, role, status, data, introReviewed]';
      const users = () => asAdministrator(server.ready, ['user', 'list', '--all', '--json', '--query', fields]);
      const before = await users();
      const replay = ['trace', 'replay', file(), '--allow-admin', '--output', 'text'];
      assert.match(await asAdministrator(server.ready, replay), summary);
      assert.equal(await users(), before);
    });
});
