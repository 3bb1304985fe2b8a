import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { actionNames } from '../../../src/protocol/schema.ts';
import { describe, it } from 'node:test';
import { SaxesParser } from 'saxes';
import { connect } from '../../../src/client/index.ts';
import type { Frame } from '../../../src/protocol/frames.ts';
import { documentProblems } from '../../../src/protocol/validation.ts';
import { serverStates } from '../../../src/protocol/serverStates.ts';
import type { RunningServer } from '../../../src/server/index.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { ailingServer } from '../../helpers/ailingServer.ts';
import { deadUrl } from '../../helpers/badServer.ts';
import { bin, ended, errorOf, Home, type Ended, type RunOptions } from '../../helpers/cli.ts';
import { doctoredServer, type Doctor } from '../../helpers/doctoredServer.ts';
import { keys, Terminal } from '../../helpers/terminal.ts';

/** A difference in the report. */
interface Difference {
  readonly scenario: string;
  readonly action: string;
  readonly note: string;
  readonly sent: Frame | null;
  readonly expected: Frame | null;
  readonly received: Frame | null;
  readonly at: readonly string[];
}

interface Summary {
  readonly outcome: string;
  readonly profile: string;
  readonly administrator: boolean;
  readonly user: string | null;
  readonly steps: number;
  readonly agree: number;
  readonly differ: number;
  readonly skipped: number;
  readonly actions: readonly { readonly action: string; readonly steps: number; readonly differ: number }[];
  readonly differences: readonly Difference[];
  readonly missing: readonly { readonly needs: string; readonly steps: number }[];
  readonly left: readonly string[];
}

/** How the command is run, and against which URL if not the server's own. */
type VerifyOptions = RunOptions & { readonly url?: string };

/** Runs the command with the administrator's token and a short wait for silence. */
function verify(
  home: Home,
  server: RunningServer,
  args: readonly string[] = [],
  { url = server.url, ...options }: VerifyOptions = {},
) {
  const env = { DEVICEHIVE_TOKEN: server.accessToken, ...options.env };
  return home.run(['server', 'verify', url, '--silence', '150ms', ...args], { ...options, env });
}

function summaryOf({ stdout, stderr }: Ended): Summary {
  assert.notEqual(stdout, '', stderr);
  const summary = JSON.parse(stdout) as Summary;
  assert.deepEqual(documentProblems('verification', summary), []);
  return summary;
}

/** Returns everything on a server that a verification could change. */
async function contentOf(server: RunningServer): Promise<unknown> {
  await using connection = await connect({ url: server.url, credentials: { accessToken: server.accessToken } });
  const nouns = ['device', 'network', 'devicetype', 'user'] as const;
  const lists = await Promise.all(nouns.map((noun) => connection.request(`${noun}/list`, { take: 1000 })));
  return lists.map(
    ({ reply: { requestId: _requestId, ...rest } }) =>
      JSON.parse(JSON.stringify(rest, (key, value: unknown) => (key === 'lastLogin' ? null : value))) as unknown,
  );
}

/** Verifies a server that is changed by a doctor. */
async function verifyDoctored(
  doctor: Doctor,
  args: readonly string[] = [],
): Promise<{ readonly run: Ended; readonly before: unknown; readonly after: unknown }> {
  using home = new Home();
  await using server = await embeddedServer();
  await using doctored = await doctoredServer(server.url, doctor);
  const before = await contentOf(server);
  const run = await verify(home, server, args, { url: doctored.url });
  return { run, before, after: await contentOf(server) };
}

describe('server verify', { concurrency: 2 }, () => {
  it('finds that the embedded server agrees in every step, reading only', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    const before = await contentOf(server);
    const run = await verify(home, server);
    assert.equal(run.code, 0, run.stderr);
    const summary = summaryOf(run);
    assert.deepEqual(
      [summary.outcome, summary.profile, summary.user, summary.administrator],
      ['agree', 'read-only', 'dhadmin', true],
    );
    assert.ok(summary.steps >= 200, `${summary.steps} steps`);
    assert.deepEqual([summary.agree, summary.differ, summary.skipped], [summary.steps, 0, 0]);
    assert.deepEqual(await contentOf(server), before);
  });

  it('finds that it agrees when writing too, and leaves nothing behind', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    const before = await contentOf(server);
    const file = join(home.work, 'verify.xml');
    const run = await verify(home, server, ['--write', '--junit', file]);
    assert.equal(run.code, 0, run.stderr);
    const summary = summaryOf(run);
    assert.equal(summary.profile, 'write');
    assert.ok(summary.steps >= 600, `${summary.steps} steps`);
    assert.deepEqual([summary.agree, summary.differ, summary.skipped, summary.left], [summary.steps, 0, 0, []]);
    assert.equal(summary.actions.filter(({ action }) => action !== 'other').length, actionNames().length);
    assert.deepEqual(await contentOf(server), before);
    assert.equal(casesIn(readFileSync(file, 'utf8')), summary.steps);
    assert.match(run.stderr, /^nobody else should use the server meanwhile: command\/get, /m);
  });

  it('does no harm inside this process, where several scenarios are played at once', async () => {
    using home = new Home();
    const args = ['exec', '--strict', '--', process.execPath, bin, 'server', 'verify', '--write', '--silence', '150ms'];
    const run = await home.run(args);
    assert.equal(run.code, 0, run.stderr);
  });

  it('checks the embedded server with --embedded, without a URL', async () => {
    using home = new Home();
    const run = await home.run(['server', 'verify', '--embedded', '--silence', '150ms', '-q', '--query', 'outcome']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stdout, 'agree\n');
    assert.equal(run.stderr, '');
  });

  it('skips steps that a token does not permit, and names the permission', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    await using connection = await connect({ url: server.url, credentials: { accessToken: server.accessToken } });
    const user = { login: 'reader', password: 'reader-123', role: 1 };
    await connection.request('user/insert', { user });
    const { reply } = await connection.request('token', user);
    const before = await contentOf(server);
    const token = reply.accessToken;
    const run = await verify(home, server, ['--write'], { env: { DEVICEHIVE_TOKEN: token } });
    assert.equal(run.code, 0, run.stderr);
    const { agree, differ, skipped, missing, administrator } = summaryOf(run);
    assert.deepEqual([differ, administrator], [0, false]);
    assert.ok(agree >= 150 && skipped > 400, `${agree} agree, ${skipped} are skipped`);
    const needs = missing.map((one) => one.needs);
    for (const wanted of [/^ManageUser$/, /^ManageConfiguration$/, /^an administrator/]) {
      assert.ok(
        needs.some((need) => wanted.test(need)),
        `${wanted.source} in ${needs.join('; ')}`,
      );
    }
    assert.deepEqual(await contentOf(server), before);
  });

  it('shows a table on a terminal, and makes what the server says safe', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    await using doctored = await doctoredServer(server.url, {
      onReply: (reply) => ('cacheInfo' in reply ? { ...reply, status: 'error', error: '\u001b[2Jgone' } : 'pass'),
    });
    const args = ['server', 'verify', doctored.url, '--silence', '150ms'];
    // the terminal stays open until everything has been read
    using terminal = Terminal.script(home, '"$@"; code=$?; read -r _; exit $code', args, {
      env: { DEVICEHIVE_TOKEN: server.accessToken, TERM: 'xterm-256color' },
    });
    await terminal.waitFor(/1 of \d+ steps differ from DeviceHive 4\.1\.0/);
    terminal.type(keys.enter);
    assert.equal(await terminal.ended(), 9);
    assert.match(terminal.text, /server\/cacheInfo +1 +0 +1 +0\n/);
    assert.match(terminal.text, /differs server\/cacheInfo \(step \d+ of server-information/);
    assert.ok(!terminal.raw.includes('\u001b[2J'));
    assert.match(terminal.text, /\\u001b\[2Jgone/);
  });
});

describe('server verify of a server that differs', { concurrency: 2 }, () => {
  it('ends with 9 and shows the step with the frames sent, expected and received', async () => {
    using home = new Home();
    const file = join(home.work, 'verify.xml');
    const isIt = (request: Frame | undefined) => request?.['action'] === 'device/get' && !('deviceId' in request);
    const { run } = await verifyDoctored(
      {
        onReply: (reply, request) =>
          isIt(request) ? { ...reply, code: 404, error: 'no <such> & "device"\u0000' } : 'pass',
      },
      ['--json', '--junit', file],
    );
    assert.equal(run.code, 9);
    assert.equal(errorOf(run)['kind'], 'assertion');
    const { differences, outcome, agree, steps } = summaryOf(run);
    assert.equal(outcome, 'differ');
    assert.equal(agree, steps - 1);
    assert.deepEqual(
      differences.map(({ scenario, action, at, sent, expected, received }) => [
        scenario,
        action,
        at,
        sent?.['action'],
        expected?.['code'],
        received?.['code'],
      ]),
      [['device-lists', 'device/get', ['code', 'error'], 'device/get', 400, 404]],
    );
    const xml = readFileSync(file, 'utf8');
    assert.equal(casesIn(xml), steps);
    assert.match(xml, /<failure message="differs in code, error">[^<]*no &lt;such&gt; &amp;/);
  });

  it('reports a reply where there should be silence, and silence where there should be a reply', async () => {
    const { run } = await verifyDoctored(
      {
        onRequest: ({ action, requestId, sortOrder }) =>
          action === 'device/list' && sortOrder === 'junk' ? { action: 'device/list', requestId, take: 0 } : 'pass',
        onReply: (_reply, request) => (request?.['action'] === 'cluster/info' ? 'swallow' : 'pass'),
      },
      ['--timeout', '1500ms'],
    );
    assert.equal(run.code, 9, run.stderr);
    const found = summaryOf(run).differences.map(({ action, expected, received }) => [
      action,
      expected?.['status'] ?? null,
      received?.['status'] ?? null,
    ]);
    assert.deepEqual(found.sort(), [
      ['cluster/info', 'success', null],
      ['cluster/info', 'success', null],
      ['device/list', null, 'success'],
    ]);
  });

  it('reports missing and unexpected pushes, and still cleans up', async () => {
    const { run, before, after } = await verifyDoctored(
      {
        onReply: (frame, _request, client) => {
          const command = frame['command'] as { readonly command?: unknown } | undefined;
          if ('status' in frame || command === undefined) return 'pass';
          if (command.command === 'net') return 'swallow';
          if (command.command === 'type') client.send(JSON.stringify(frame));
          return 'pass';
        },
      },
      ['--write', '--timeout', '1500ms'],
    );
    assert.equal(run.code, 9, run.stderr);
    const notes = summaryOf(run).differences.map(({ scenario, note }) => `${scenario}: ${note}`);
    assert.ok(notes.includes('command-subscriptions: by network'), notes.join('\n'));
    assert.ok(notes.includes('command-subscriptions: by device type'), notes.join('\n'));
    assert.deepEqual(after, before);
  });

  it('reports where the server hangs up, and goes on with the other scenarios', async () => {
    const { run } = await verifyDoctored({
      onReply: (reply) => (reply['action'] === undefined && reply['code'] === 400 ? 'hang up' : 'pass'),
    });
    assert.equal(run.code, 9, run.stderr);
    const { differences, missing } = summaryOf(run);
    assert.deepEqual(
      differences.map(({ scenario, note }) => [scenario, note]),
      [['envelope', 'malformed']],
    );
    assert.deepEqual(differences[0]?.at, ['frames', 'closed']);
    assert.deepEqual(
      missing.map(({ needs }) => needs),
      ['a connection, which was lost'],
    );
  });

  it('shows neither tokens nor passwords', async () => {
    const { run } = await verifyDoctored(
      { onReply: (reply) => ('accessToken' in reply ? { ...reply, extra: reply['accessToken'] } : 'pass') },
      ['--write'],
    );
    assert.equal(run.code, 9, run.stderr);
    const { differences } = summaryOf(run);
    assert.ok(differences.some(({ action }) => action === 'token/create'));
    assert.doesNotMatch(run.stdout + run.stderr, /eyJ[\w-]{10}/);
    assert.doesNotMatch(run.stdout, /"password":"(?!\*\*\*|123")/);
  });

  it('says what it could not remove', async () => {
    const refused = { status: 'error', code: 403, error: 'Access is denied' };
    const { run } = await verifyDoctored(
      {
        onReply: (reply, request) => (request?.['action'] === 'network/delete' ? { ...reply, ...refused } : 'pass'),
        onRequest: (request) =>
          request['action'] === 'network/delete' ? { ...request, action: 'server/info' } : 'pass',
      },
      ['--write'],
    );
    assert.equal(run.code, 9, run.stderr);
    const { left } = summaryOf(run);
    assert.ok(left.length >= 5, left.join());
    for (const what of left) assert.match(what, /^network \d+ \(verify-\w+-\d+-(net|full)/);
    assert.match(run.stderr, /not removed, please do it by hand: network/);
  });
});

describe('server verify of a server that goes away', { concurrency: 2 }, () => {
  it('ends with 5 when it dies on the way, and still prints its results', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    let seen = 0;
    await using doctored = await doctoredServer(server.url, {
      onReply: (reply) => {
        if (reply['action'] === 'command/update' && ++seen === 3) void doctored.close();
        return 'pass';
      },
    });
    const run = await verify(home, server, ['--json'], { url: doctored.url });
    assert.equal(run.code, 5, run.stderr);
    assert.equal(errorOf(run)['kind'], 'connect');
    const { outcome, agree, steps } = summaryOf(run);
    assert.equal(outcome, 'lost');
    assert.ok(agree < steps);
  });

  it('names everything that it may have created, where nothing can be removed any more', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    await using doctored = await doctoredServer(server.url, {
      onReply: (_reply, request) => {
        const isOwn = /^verify-.*-dev$/.test(String(request?.['deviceId']));
        if (request?.['action'] === 'command/insert' && isOwn) void doctored.close();
        return 'pass';
      },
    });
    const run = await verify(home, server, ['--write'], { url: doctored.url });
    assert.equal(run.code, 5, run.stderr);
    const { outcome, left } = summaryOf(run);
    assert.equal(outcome, 'lost');
    assert.ok(
      left.some((what) => /^network \d+$/.test(what)),
      left.join('\n'),
    );
    assert.match(left.at(-1) ?? '', /^whatever else has a name that begins with verify-\w+-$/);
    assert.match(run.stderr, /not removed, please do it by hand: /);
  });

  for (const [health, what, code] of [
    ['backend stopped', 'backend silent', 7],
    ['frontend hangs', 'frontend silent', 5],
  ] as const)
    it(`ends with ${code} when its ${health}, says what to restart, and plays no more`, async () => {
      using home = new Home();
      await using server = await ailingServer('well');
      const args = ['server', 'verify', server.url, '--write', '--silence', '150ms', '--timeout', '1500ms', '--json'];
      const running = home.run(args, { env: { DEVICEHIVE_TOKEN: server.server.accessToken } });
      await server.received('command/insert');
      server.health = health;
      const run = await running;
      assert.equal(run.code, code, run.stderr);
      const { outcome, missing, skipped } = summaryOf(run);
      assert.equal(outcome, 'lost');
      assert.ok(skipped > 100, `${skipped} are skipped`);
      const { message, hint } = serverStates[what];
      assert.ok(
        missing.some(({ needs }) => needs.includes(message)),
        JSON.stringify(missing),
      );
      const error = errorOf(run);
      assert.ok(String(error['message']).endsWith(message), String(error['message']));
      assert.equal(error['hint'], hint);
    });

  it('ends with 7 when it answers no more', async () => {
    let isDeaf = false;
    const { run } = await verifyDoctored(
      {
        onRequest: ({ action }) => {
          isDeaf ||= action === 'command/update';
          return isDeaf ? 'swallow' : 'pass';
        },
      },
      ['--timeout', '200ms'],
    );
    assert.equal(run.code, 7, run.stderr);
    assert.equal(summaryOf(run).outcome, 'lost');
  });

  it('removes everything when it is stopped by Ctrl-C', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    const before = await contentOf(server);
    let resolve = () => undefined as unknown;
    const inserted = new Promise<void>((settle) => (resolve = settle));
    await using doctored = await doctoredServer(server.url, {
      onReply: (_reply, request) => {
        const isOwn = /^verify-.*-dev$/.test(String(request?.['deviceId']));
        if (request?.['action'] !== 'command/insert' || !isOwn) return 'pass';
        resolve();
        return 'swallow';
      },
    });
    const child = home.start(['server', 'verify', doctored.url, '--write'], {
      env: { DEVICEHIVE_TOKEN: server.accessToken },
    });
    const end = ended(child);
    await inserted;
    assert.notDeepEqual(await contentOf(server), before);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await end;
    assert.equal(code, 130, stderr);
    assert.equal(stdout, '');
    assert.deepEqual(await contentOf(server), before);
  });
});

describe('server verify refuses', { concurrency: 2 }, () => {
  it('to run without a token, and says so before anything is sent', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    const run = await home.run(['server', 'verify', server.url]);
    assert.equal(run.code, 4, run.stderr);
    assert.equal(run.stdout, '');
  });

  it('a token that the server does not take', async () => {
    using home = new Home();
    await using server = await embeddedServer();
    const run = await verify(home, server, [], { env: { DEVICEHIVE_TOKEN: 'junk' } });
    assert.equal(run.code, 4, run.stderr);
  });

  it('a server that cannot be reached', async () => {
    using home = new Home();
    const env = { DEVICEHIVE_TOKEN: 'junk' };
    const run = await home.run(['server', 'verify', await deadUrl()], { env });
    assert.equal(run.code, 5, run.stderr);
    assert.equal(run.stdout, '');
  });

  const wrong: readonly (readonly [what: string, args: readonly string[], message: RegExp])[] = [
    ['no server at all', [], /no DeviceHive server is configured/],
    ['two servers', ['ws://127.0.0.1:1', '--embedded'], /name two servers/],
    ['an http URL', ['http://127.0.0.1:1'], /the URL must be a WebSocket URL/],
    ['a silence that is no duration', ['--embedded', '--silence', '2'], /--silence must be a duration/],
    ['a report that cannot be written', ['--embedded', '--junit', 'missing/verify.xml'], /--junit: cannot write/],
    ['a report in place of a folder', ['--embedded', '--junit', 'folder'], /--junit: cannot write/],
  ];
  for (const [what, args, message] of wrong) {
    it(what, async () => {
      using home = new Home();
      mkdirSync(join(home.work, 'folder'));
      const run = await home.run(['server', 'verify', ...args]);
      assert.equal(run.code, 2, run.stderr);
      assert.match(run.stderr, message);
      assert.equal(run.stdout, '');
      assert.ok(!existsSync(join(home.work, 'missing')));
    });
  }
});

/** Returns the number of cases in a JUnit report. Throws where it is not XML. */
function casesIn(xml: string): number {
  const parser = new SaxesParser();
  let cases = 0;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => {
    if (name === 'testcase') cases++;
  });
  parser.write(xml).close();
  return cases;
}
