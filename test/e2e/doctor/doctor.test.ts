import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { DoctorReport } from '../../../src/cli/commands/doctor/findings.ts';
import { serverStates } from '../../../src/protocol/serverStates.ts';
import { formatTimestamp } from '../../../src/protocol/timestamps.ts';
import { ailingServer } from '../../helpers/ailingServer.ts';
import {
  deadUrl,
  echoServer,
  forgesTheKey,
  hangsUp,
  saysNothing,
  tcpServer,
  webServer,
} from '../../helpers/badServer.ts';
import { ended, Home, type Ended, type RunOptions } from '../../helpers/cli.ts';
import { fakeServer, jwtWith, refusing, silent, type Answer } from '../../helpers/fakeServer.ts';
import { Terminal } from '../../helpers/terminal.ts';
import { serverForAll } from '../../helpers/runningServer.ts';

const { message, hint } = serverStates['backend silent'];
const home = new Home();
/** A home without a running server. */
const lonely = new Home();
const server = serverForAll(home);

after(() => {
  lonely[Symbol.dispose]();
});

interface Diagnosis extends Ended {
  readonly report: DoctorReport;
}

/** Runs doctor. Whatever its exit code, its result is one line of JSON. */
async function diagnosed(args: readonly string[], options: RunOptions = {}, at: Home = home): Promise<Diagnosis> {
  const run = await at.run(['doctor', ...args], options);
  assert.match(run.stdout, /^\{.*\}\n$/, run.stderr);
  return { ...run, report: JSON.parse(run.stdout) as DoctorReport };
}

function levels({ findings }: DoctorReport): string[] {
  return findings.map(({ about, level }) => `${about} ${level}`);
}

function problems({ findings }: DoctorReport): string[] {
  return findings.filter(({ level }) => level === 'problem').map(({ message }) => message);
}

function setting({ settings }: DoctorReport, name: string): unknown[] {
  const found = settings.find((candidate) => candidate.name === name);
  assert.ok(found !== undefined, name);
  return [found.value, found.from, found.at];
}

/** Starts a server that knows its version and the user of its token. */
function healthy(script: Record<string, Answer> = {}): ReturnType<typeof fakeServer> {
  return fakeServer({
    'server/info': () => ({
      info: { apiVersion: '4.1.0', serverTimestamp: formatTimestamp(Date.now()), restServerUrl: 'x' },
    }),
    'user/getCurrent': () => ({ current: { id: 7, login: 'ops', role: 1 } }),
    ...script,
  });
}

const named = (url: string, token = 'token') => ({ env: { DEVICEHIVE_URL: url, DEVICEHIVE_TOKEN: token } });

describe('doctor', () => {
  it('finds a healthy server that runs here, and ends with 0', async () => {
    const { code, stderr, stdout, report } = await diagnosed([]);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    assert.equal(report.ok, true);
    assert.deepEqual(levels(report), ['server ok', 'clock ok', 'roundTrip ok', 'token ok', 'backend ok', 'machine ok']);
    const { url } = server.ready;
    assert.deepEqual(
      { ...report.server, connectMs: 0 },
      {
        url,
        embedded: false,
        from: 'local',
        reachable: true,
        isDeviceHive: true,
        connectMs: 0,
        apiVersion: '4.1.0',
        restServerUrl: url.replace('ws:', 'http:').replace('websocket', 'rest'),
      },
    );
    assert.deepEqual(report.token?.user, { id: 1, login: 'dhadmin', role: 'administrator' });
    assert.deepEqual(report.token.permissions, ['*']);
    for (const secret of [server.ready.accessToken, server.ready.refreshToken, server.ready.password])
      assert.ok(!stdout.includes(secret));
  });

  it('reports the difference of the clocks no more exactly than it knows', async () => {
    const { report } = await diagnosed([]);
    assert.ok(report.clock !== null && Math.abs(report.clock.aheadMs) <= report.clock.uncertaintyMs);
  });

  it('measures as many round trips as requested, in order of size', async () => {
    const { report } = await diagnosed(['--requests', '7']);
    const { requests, minMs, p50Ms, p90Ms, p99Ms, maxMs } = report.roundTrip ?? assert.fail();
    assert.equal(requests, 7);
    assert.deepEqual(
      [minMs, p50Ms, p90Ms, p99Ms, maxMs],
      [minMs, p50Ms, p90Ms, p99Ms, maxMs].sort((a, b) => a - b),
    );
  });

  it('shows the limits of this machine', async () => {
    const { report } = await diagnosed(['--requests', '1']);
    const { node, cores, memoryMiB, freeMemoryMiB } = report.machine;
    assert.equal(node, process.version);
    assert.ok(cores >= 1 && memoryMiB > 0 && freeMemoryMiB > 0);
    assert.match(report.findings.at(-1)?.message ?? '', /room for a fleet of (about \d+|as many) devices/);
  });

  it('works with a server of its own', async () => {
    const { code, stderr, report } = await diagnosed(['--embedded'], {}, lonely);
    assert.equal(code, 0);
    assert.match(stderr, /^server: ws:\/\/127\.0\.0\.1:\d+\/dh\/websocket \(embedded in this command\)\n$/);
    assert.equal(report.server?.embedded, true);
    assert.deepEqual(report.token?.user.login, 'dhadmin');
    assert.deepEqual(setting(report, 'server'), ['embedded', 'flag', '--embedded']);
  });

  it('answers a query', async () => {
    const { stdout, code } = await home.run(['doctor', '--query', 'server.apiVersion']);
    assert.deepEqual([stdout, code], ['4.1.0\n', 0]);
  });

  it('is readable on a terminal', async () => {
    using terminal = Terminal.start(home, ['doctor']);
    assert.equal(await terminal.ended(), 0);
    assert.match(terminal.text, /^ok +ws:\/\/127\.0\.0\.1:\d+\/dh\/websocket is DeviceHive 4\.1\.0, connected in /m);
    assert.match(terminal.text, /^ok +the token acts for dhadmin \(administrator\) and allows all permissions/m);
    assert.match(terminal.text, /^ +timeout +10s$/m);
    assert.match(terminal.text, /^ +server +ws:\S+\s+a server that runs here:\s+\S*server-\d+\.json/m);
    assert.match(terminal.raw, /\u001b\[32mok/);
  });

  it('shows problems on a terminal with what to do', async () => {
    const { code, stdout } = await lonely.run(['doctor', '-o', 'text']);
    assert.equal(code, 2);
    assert.match(stdout, /^problem {2}no DeviceHive server is configured.*\n {9}Name one with --url/m);
  });

  it('takes a number of requests from 1 to 1000', async () => {
    for (const count of ['0', '1001', 'x', '-1', '1.5']) {
      const { code, stdout, stderr } = await home.run(['doctor', `--requests=${count}`]);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /--requests must be a whole number from 1 to 1000/);
    }
  });
});

describe('doctor reports the rest, whatever is wrong, and ends', () => {
  it('with 2 where no server is configured', async () => {
    const { code, stderr, report } = await diagnosed([], {}, lonely);
    assert.equal(code, 2);
    assert.match(stderr, /no DeviceHive server is configured/);
    assert.deepEqual(levels(report), ['server problem', 'machine ok']);
    assert.deepEqual([report.ok, report.server, report.token], [false, null, null]);
    assert.deepEqual(setting(report, 'server'), [null, 'default', null]);
  });

  it('with 5 where it cannot be reached', async () => {
    const url = await deadUrl();
    const { code, report } = await diagnosed(['--url', url], {}, lonely);
    assert.equal(code, 5);
    assert.deepEqual(levels(report), ['server problem', 'machine ok']);
    assert.equal(report.server?.reachable, false);
    assert.deepEqual(setting(report, 'server'), [url, 'flag', '--url']);
  });

  it('with 4 where the token is bad', async () => {
    const { code, report } = await diagnosed([], named(server.ready.url, jwtWith({ u: 1, e: 1 })));
    assert.equal(code, 4);
    assert.deepEqual(levels(report), ['server ok', 'clock ok', 'roundTrip ok', 'token problem', 'machine ok']);
    assert.equal(report.server?.isDeviceHive, true);
    assert.equal(report.token, null);
  });

  it('with 4 where there is no token', async () => {
    const { code, report } = await diagnosed(['--url', server.ready.url], {}, lonely);
    assert.equal(code, 4);
    assert.match(problems(report).join(), /^no access token for ws:/);
    assert.deepEqual(setting(report, 'token'), [null, 'default', null]);
  });

  it('with 2 where the project file is broken, and names it', async () => {
    const cwd = join(lonely.work, 'broken');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'devicehive.config.json'), '{"url":');
    const { code, report } = await diagnosed([], { cwd }, lonely);
    assert.equal(code, 2);
    assert.equal(problems(report).length, 1);
    assert.match(problems(report).join(), /broken\/devicehive\.config\.json cannot be read/);
    assert.ok(report.settings.length > 3);
  });

  it('with 2 where variables are wrong, and names each', async () => {
    const env = { DEVICEHIVE_TIMEOUT: 'long', DEVICEHIVE_OUTPUT: 'pdf', DEVICEHIVE_URL: server.ready.url };
    const { code, report } = await diagnosed([], { env });
    assert.equal(code, 2);
    assert.match(problems(report).join('\n'), /DEVICEHIVE_TIMEOUT must be[^\n]*\nDEVICEHIVE_OUTPUT must be/);
    assert.deepEqual(setting(report, 'server'), [server.ready.url, 'environment', 'DEVICEHIVE_URL']);
  });

  it('with 130 on Ctrl-C', async () => {
    await using mute = await tcpServer(saysNothing);
    const child = home.start(['doctor', '--url', mute.url, '--connect-timeout', '50s']);
    const whole = ended(child);
    await mute.visited;
    child.kill('SIGINT');
    const { code, stdout } = await whole;
    assert.deepEqual([code, stdout], [130, '']);
  });
});

describe('doctor of a sick server', { concurrency: true }, () => {
  const soon = ['--timeout', '5s'];

  it('ends with 7 where the backend does not answer, and says which services to restart', async () => {
    await using sick = await ailingServer();
    const { code, report, stderr } = await diagnosed(soon, named(sick.url, sick.server.accessToken));
    assert.equal(code, 7, stderr);
    assert.ok(levels(report).includes('server ok'));
    const found = report.findings.find(({ about }) => about === 'backend');
    assert.equal(found?.level, 'problem');
    assert.ok(found.message.endsWith(message), found.message);
    assert.equal(found.hint, hint);
    assert.equal(report.backend, null);
  });

  it('shows the times of frontend and backend separately, where both answer', async () => {
    await using well = await ailingServer('well');
    const { code, report } = await diagnosed([], named(well.url, well.server.accessToken));
    assert.equal(code, 0);
    assert.equal(report.backend?.action, 'device/count');
    assert.ok(report.backend.replyMs > 0);
    assert.ok((report.roundTrip?.p50Ms ?? 0) > 0);
  });

  it('asks who one is and the backend at once, so that both meet one silence only', async () => {
    const unknown = await healthy({ 'user/getCurrent': silent });
    await diagnosed(['--timeout', '300ms'], named(unknown.url)).finally(() => unknown.close());
    const actions = unknown.requests.map(({ action }) => action);
    assert.deepEqual(actions.slice(-3), ['authenticate', 'device/count', 'user/getCurrent']);
  });

  it('asks nothing more of a server that has fallen silent', async () => {
    let asked = 0;
    await using fallen = await healthy({
      'server/info': () =>
        ++asked > 1
          ? undefined
          : { info: { apiVersion: '4.1.0', serverTimestamp: formatTimestamp(Date.now()), restServerUrl: 'x' } },
    });
    const { code, report } = await diagnosed(['--timeout', '300ms'], named(fallen.url));
    assert.equal(code, 7);
    assert.deepEqual(levels(report).slice(0, 2), ['server ok', 'roundTrip problem']);
    assert.equal(fallen.sent('authenticate').length, 0);
  });

  it('connects no longer than --timeout says', async () => {
    await using frozen = await ailingServer('frontend hangs');
    const { code, report } = await diagnosed(['--timeout', '300ms'], named(frozen.url, frozen.server.accessToken));
    assert.equal(code, 5);
    assert.match(problems(report).join(), /not connected within 300 ms/);
    assert.deepEqual(setting(report, 'connect-timeout'), ['5s', 'default', null]);
  });

  it('notes that the backend was not asked where the token permits no count', async () => {
    const forbidden = refusing(403, 'Access is denied');
    const counts = { 'device/count': forbidden, 'network/count': forbidden, 'devicetype/count': forbidden };
    await using narrow = await healthy({ ...counts, 'user/count': forbidden });
    const { code, report } = await diagnosed([], named(narrow.url));
    assert.equal(code, 0);
    assert.ok(levels(report).includes('backend note'));
    assert.equal(report.backend, null);
  });

  it('ends with 5 where the frontend hangs, and says that it may', async () => {
    await using frozen = await ailingServer('frontend hangs');
    const args = ['--connect-timeout', '300ms'];
    const { code, report } = await diagnosed(args, named(frozen.url, frozen.server.accessToken));
    assert.equal(code, 5);
    assert.match(report.findings.find(({ level }) => level === 'problem')?.hint ?? '', /frontend hangs .* restart/);
  });
});

describe('doctor of something that is not a DeviceHive, or of a strange one, ends', { concurrency: 8 }, () => {
  const soon = ['--timeout', '3s', '--connect-timeout', '3s'];
  const info =
    (fields: Record<string, unknown>): Answer =>
    () => ({ info: fields });
  const serverTimestamp = '2026-11-24T10:00:00.000';
  interface Strange extends AsyncDisposable {
    readonly url: string;
  }
  const cases: readonly (readonly [what: string, server: () => Promise<Strange>, code: number, says: RegExp])[] = [
    ['a web page', () => webServer(200), 5, /200/],
    ['a web server that knows no such place', () => webServer(404), 5, /404/],
    ['a server that hangs up', () => tcpServer(hangsUp), 5, /./],
    ['a server that says nothing', () => tcpServer(saysNothing), 5, /3000 ms/],
    ['a server that forges the handshake', () => tcpServer(forgesTheKey), 5, /./],
    ['an echo', echoServer, 7, /./],
    ['a server that succeeds without saying anything', fakeServer, 5, /not as DeviceHive does: .*apiVersion/],
    ['rubbish for info', () => fakeServer({ 'server/info': () => ({ info: [1] }) }), 5, /not as DeviceHive/],
    ['no time', () => fakeServer({ 'server/info': info({ apiVersion: '4.1.0' }) }), 5, /has no serverTimestamp/],
    [
      'rubbish for time',
      () => healthy({ 'server/info': info({ apiVersion: '4', serverTimestamp: 'now' }) }),
      5,
      /serverTimestamp/,
    ],
    ['a refusal', () => healthy({ 'server/info': refusing(500, 'Internal server error') }), 6, /500/],
    ['silence', () => healthy({ 'server/info': silent }), 7, /\b3 ?s/],
    ['silence to the token', () => healthy({ authenticate: silent }), 7, /authenticate/],
    ['silence to who one is', () => healthy({ 'user/getCurrent': silent }), 7, /user\/getCurrent/],
  ];

  for (const [what, start, code, says] of cases)
    it(`with ${code} for ${what}`, async () => {
      await using strange = await start();
      const run = await diagnosed(soon, named(strange.url));
      assert.equal(run.code, code, run.stderr);
      assert.equal(run.report.ok, false);
      assert.match(problems(run.report).join('\n'), says);
    });

  it('with 0 where it cannot read the answer about the user', async () => {
    await using strange = await healthy({ 'user/getCurrent': () => ({ current: 'me' }) });
    const { code, report } = await diagnosed([], named(strange.url, jwtWith({ u: 7, a: [2], n: ['1'], t: 1 })));
    assert.equal(code, 0);
    assert.deepEqual(report.token?.user, { id: 7, login: null, role: null });
  });

  it('with 5 where it is lost in between, and shows what was measured', async () => {
    let left = 3;
    const answer: Answer = (_request, peer) => {
      if (left-- > 0) return { info: { apiVersion: '4.1.0', serverTimestamp } };
      peer.drop();
      return undefined;
    };
    await using strange = await healthy({ 'server/info': answer });
    const { code, report } = await diagnosed([], named(strange.url));
    assert.equal(code, 5);
    assert.equal(report.roundTrip?.requests, 3);
    assert.ok(levels(report).includes('roundTrip problem'));
  });

  it('with text of a server made safe', async () => {
    const evil = '4.\u001b[2J1';
    await using strange = await healthy({ 'server/info': info({ apiVersion: evil, serverTimestamp }) });
    using terminal = Terminal.start(home, ['doctor'], named(strange.url));
    await terminal.ended();
    assert.ok(!terminal.raw.includes('\u001b[2J'));
    assert.match(terminal.text, /DeviceHive 4\.\\u001b\[2J1/);
  });
});

describe('doctor notes', () => {
  it('a clock that is an hour ahead', async () => {
    const ahead: Answer = () => ({
      info: { apiVersion: '4.1.0', serverTimestamp: formatTimestamp(Date.now() + 3_600_000) },
    });
    await using other = await healthy({ 'server/info': ahead });
    const { code, report } = await diagnosed([], named(other.url));
    assert.equal(code, 0);
    const { aheadMs, uncertaintyMs } = report.clock ?? assert.fail();
    assert.ok(Math.abs(aheadMs - 3_600_000) <= uncertaintyMs, `${aheadMs} ± ${uncertaintyMs}`);
    assert.ok(levels(report).includes('clock note'));
    assert.match(report.findings.find(({ about }) => about === 'clock')?.message ?? '', /3600 s ahead of ours/);
  });

  it('a server of another version', async () => {
    const old: Answer = () => ({ info: { apiVersion: '3.4.5', serverTimestamp: formatTimestamp(Date.now()) } });
    await using other = await healthy({ 'server/info': old });
    const { code, report } = await diagnosed([], named(other.url));
    assert.equal(code, 0);
    assert.ok(levels(report).includes('server note'));
  });

  it('a token that is not refreshed, and names its permissions', async () => {
    const flags = '--user 1 --action GetDevice --action UpdateDeviceCommand --network 1'.split(' ');
    const { stdout } = await home.run(['token', 'create', ...flags, '--query', 'accessToken']);
    writeFileSync(join(home.work, 'narrow.txt'), stdout, { mode: 0o600 });
    const { code, report } = await diagnosed(['--token-file', 'narrow.txt']);
    assert.equal(code, 0);
    assert.deepEqual(report.token?.permissions, ['GetDevice', 'UpdateDeviceCommand']);
    assert.deepEqual(report.token.networks, ['1']);
    assert.deepEqual(report.token.user, { id: 1, login: null, role: null });
    assert.ok(levels(report).includes('token note'));
    assert.deepEqual(setting(report, 'token'), ['access token', 'flag', '--token-file']);
  });

  it('secrets of the environment that are not used, and why', async () => {
    const aside = await diagnosed([], { env: { DEVICEHIVE_TOKEN: 'x', DEVICEHIVE_LOGIN: 'ops' } });
    assert.match(
      aside.report.findings.map(({ message }) => message).join('\n'),
      /DEVICEHIVE_TOKEN and DEVICEHIVE_LOGIN are set, but not used: secrets of the environment go only to/,
    );
    const env = {
      DEVICEHIVE_LOGIN: 'ops',
      DEVICEHIVE_URL: server.ready.url,
      DEVICEHIVE_TOKEN: server.ready.accessToken,
    };
    const behind = await diagnosed([], { env });
    assert.equal(behind.code, 0);
    assert.match(
      behind.report.findings.map(({ message }) => message).join('\n'),
      /DEVICEHIVE_LOGIN is set, but not used: DEVICEHIVE_TOKEN comes first/,
    );
  });
});

describe('doctor shows where settings come from', () => {
  it('flags', async () => {
    const { report } = await diagnosed([
      '--timeout',
      '3s',
      '--connect-timeout=2s',
      '--retry',
      '1',
      '--color',
      'never',
      '--no-input',
      '--json',
    ]);
    assert.deepEqual(setting(report, 'timeout'), ['3s', 'flag', '--timeout']);
    assert.deepEqual(setting(report, 'connect-timeout'), ['2s', 'flag', '--connect-timeout']);
    assert.deepEqual(setting(report, 'retry'), ['1', 'flag', '--retry']);
    assert.deepEqual(setting(report, 'color'), ['never', 'flag', '--color']);
    assert.deepEqual(setting(report, 'input'), ['never asked for', 'flag', '--no-input']);
  });

  it('variables', async () => {
    const env = {
      ...named(server.ready.url, server.ready.accessToken).env,
      DEVICEHIVE_TIMEOUT: '4s',
      NO_COLOR: '1',
      CI: 'true',
    };
    const { report } = await diagnosed([], { env });
    assert.deepEqual(setting(report, 'server'), [server.ready.url, 'environment', 'DEVICEHIVE_URL']);
    assert.deepEqual(setting(report, 'token'), ['access token', 'environment', 'DEVICEHIVE_TOKEN']);
    assert.deepEqual(setting(report, 'timeout'), ['4s', 'environment', 'DEVICEHIVE_TIMEOUT']);
    assert.deepEqual(setting(report, 'color'), ['never', 'environment', 'NO_COLOR']);
    assert.deepEqual(setting(report, 'input'), ['never asked for', 'environment', 'CI']);
  });

  it('the project file', async () => {
    const cwd = join(home.work, 'project');
    const file = join(cwd, 'devicehive.config.json');
    mkdirSync(cwd);
    writeFileSync(file, JSON.stringify({ url: server.ready.url, timeout: '6s' }));
    const { report } = await diagnosed([], { cwd });
    assert.deepEqual(setting(report, 'server'), [server.ready.url, 'project', file]);
    assert.deepEqual(setting(report, 'timeout'), ['6s', 'project', file]);
    assert.deepEqual(setting(report, 'project-file'), [file, 'default', null]);
  });

  it('the context in use, with the file that keeps its tokens', async () => {
    using own = new Home();
    writeFileSync(join(own.work, 'password.txt'), server.ready.password);
    const login = ['auth', 'login', '--url', server.ready.url, '--login', 'dhadmin', '--password-file', 'password.txt'];
    assert.equal((await own.run(login)).code, 0);
    const { code, report } = await diagnosed([], {}, own);
    assert.equal(code, 0);
    const [value, from, at] = setting(report, 'server');
    assert.deepEqual([value, from], [server.ready.url, 'context']);
    assert.match(String(at), /^context .* in .*contexts\.json$/);
    const [secrets, source, file] = setting(report, 'token');
    assert.deepEqual([secrets, source], ['access token, refresh token', 'context']);
    assert.match(String(file), /credentials\/.*\.json$/);
  });

  it('a server that runs here', async () => {
    const { report } = await diagnosed([]);
    const [value, from, at] = setting(report, 'server');
    assert.deepEqual([value, from], [server.ready.url, 'local']);
    assert.match(String(at), /server-\d+\.json$/);
    assert.deepEqual(setting(report, 'token')[1], 'local');
  });

  it('a proxy, without its login', async () => {
    const proxy = (await deadUrl()).replace('ws://', '');
    const env = { HTTP_PROXY: `http://me:secret@${proxy}` };
    const { code, stdout, stderr, report } = await diagnosed(['--url', 'ws://192.0.2.7:8080'], { env });
    assert.equal(code, 5);
    assert.deepEqual(setting(report, 'proxy'), [proxy, 'environment', 'HTTP_PROXY']);
    assert.ok(!`${stdout}${stderr}`.includes('secret'));
  });
});
