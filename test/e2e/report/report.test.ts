import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Recorder } from '../../../src/simulate/measure/recorder.ts';
import type { Bundle } from '../../../src/simulate/measure/bundle.ts';
import { judged } from '../../../src/simulate/report/verdict.ts';
import { Home } from '../../helpers/cli.ts';
import { Terminal } from '../../helpers/terminal.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
const folder = home.work;

interface Shard {
  readonly latenciesMs: readonly number[];
  readonly unsent?: number;
  readonly shard?: number;
  readonly shardCount?: number;
  readonly assertions?: readonly string[];
}

/** Writes a result file as `simulate run` does, and returns its name. */
function written(name: string, { latenciesMs, unsent = 0, shard = 0, shardCount = 1, assertions = [] }: Shard): string {
  const recorder = new Recorder();
  recorder.devicesUp = 3;
  for (const ms of latenciesMs) {
    recorder.count('sent');
    recorder.commands.expect();
    recorder.commands.receive();
    recorder.hop('command.total', ms);
  }
  recorder.commands.omit(unsent);
  recorder.fail('refused', 403, 'Access is denied\u001b[31m <b>');
  recorder.tick();
  const bundle = judged(
    recorder.bundle({
      seed: 7,
      command: `devicehive simulate run fleet.yaml${shardCount === 1 ? '' : ` --shard ${shard}/${shardCount}`} --seed 7`,
      plan: 'abc',
      url: 'ws://127.0.0.1:1/dh/websocket',
      startedAt: '2026-01-01T00:00:00.000Z',
      durationMs: 1000,
      devices: 3,
      shards: [shard],
      shardCount,
    }),
    assertions,
  );
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(bundle));
  return file;
}

/** Writes a result file that no run could have written. */
function changed(name: string, changes: Readonly<Record<string, unknown>>): string {
  const file = written(name, { latenciesMs: [1] });
  writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as Bundle), ...changes }));
  return file;
}

describe('report show', () => {
  it('prints the whole result in a pipe, and a part of it with --query', async () => {
    const file = written('one.json', { latenciesMs: [5, 7] });
    const { stdout, code } = await home.run(['report', 'show', file]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), JSON.parse(readFileSync(file, 'utf8')));
    const part = await home.run(['report', 'show', file, '--query', 'ledger.commands.received']);
    assert.equal(part.stdout, '2\n');
  });

  it('finds a result among the other lines of a log', async () => {
    const file = written('pod.json', { latenciesMs: [5, 7] });
    const result = readFileSync(file, 'utf8');
    writeFileSync(file, `npm notice\n3 devices are up\n${result}\n10 s, 3 of 3 devices, 0 errors\n`);
    const { stdout, code } = await home.run(['report', 'show', file]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), JSON.parse(result));
  });

  it('shows people the figures, safely', async () => {
    const file = written('text.json', {
      latenciesMs: [5, 7],
      unsent: 3,
      assertions: ['lost == 0', 'command.total.p99 < 1ms'],
    });
    const { stdout } = await home.run(['report', 'show', file, '-o', 'text']);
    assert.match(
      stdout,
      /^FAILED {2}command\.total\.p99 7 ms, limit 1 ms\nanswered 100 % \(2 commands\)\n\nholds {2}lost/,
    );
    assert.match(stdout, /^3 devices, 1 s, 2 sent, 2\/s, seed 7$/m);
    assert.match(stdout, /^command\.total +2 +5 ms +7 ms +7 ms +7 ms +insert → last update$/m);
    assert.match(stdout, /^ +expected +received +lost +unsent +duplicated +reordered$/m);
    assert.match(stdout, /^commands +5 +2 +0 +3 +0 +0$/m);
    assert.match(stdout, /refused 403: Access is denied\\u001b\[31m <b>/);
    assert.match(stdout, /holds {2}lost == 0 \(0\)/);
    assert.match(stdout, /does not hold {2}command\.total\.p99 < 1ms/);
  });

  it('says which share of the commands was not answered, and how many devices were up', async () => {
    const recorder = JSON.parse(readFileSync(written('answers.json', { latenciesMs: [5, 7, 9] }), 'utf8')) as Bundle;
    const file = changed('answers.json', {
      ...recorder,
      counters: { sent: 4, unanswered: 1 },
      devicesUp: 2,
      planName: 'fleet.yaml',
    });
    const { stdout } = await home.run(['report', 'show', file, '-o', 'text']);
    assert.match(
      stdout,
      /^OK {2}nothing was asserted\nanswered 75 % \(1 of 4 commands unanswered\)\n2 of 3 devices were up\n\nfleet\.yaml on ws/,
    );
    const early = changed('early.json', { interrupted: true, plannedMs: 60_000 });
    assert.match((await home.run(['report', 'show', early, '-o', 'text'])).stdout, /^STOPPED {2}after 1 s of 1 min\n/);
    const xml = join(folder, 'answers.xml');
    await home.run(['report', 'show', file, '--report', xml]);
    assert.match(
      readFileSync(xml, 'utf8'),
      /<properties>\n<property name="outcome" value="OK {2}nothing was asserted; answered 75 % \(1 of 4 commands unanswered\); 2 of 3/,
    );
  });

  it('ends as the run did with --exit-code', async () => {
    const codeOf = async (file: string) => {
      const plain = await home.run(['report', 'show', file]);
      const { code, stdout, stderr } = await home.run(['report', 'show', file, '--exit-code']);
      assert.deepEqual([plain.code, plain.stdout], [0, stdout]);
      return [code, stderr];
    };
    const broken = written('broken.json', { latenciesMs: [5], assertions: ['command.total.p99 < 1ms'] });
    const [code, stderr] = await codeOf(broken);
    assert.equal(code, 9);
    assert.match(String(stderr), /an assertion does not hold: command\.total\.p99 < 1ms \(it is 5 ms\)/);
    assert.equal((await codeOf(written('nothing.json', { latenciesMs: [] })))[0], 11);
    assert.deepEqual(await codeOf(written('well.json', { latenciesMs: [5] })), [0, '']);
  });

  it('writes a page without script or outward link, and JUnit', async () => {
    const assertions = ['unsent == 0', 'command.total.p99 < 1ms'];
    const file = written('forms.json', { latenciesMs: [5, 7], unsent: 3, assertions });
    const [html, xml] = [join(folder, 'forms.html'), join(folder, 'forms.xml')];
    const { code } = await home.run(['report', 'show', file, '--report', html, '--report', xml]);
    assert.equal(code, 0);
    const page = readFileSync(html, 'utf8');
    assert.doesNotMatch(page, /<script|https?:\/\/|src=|href=/);
    assert.match(page, /<svg [^>]*aria-label="Latency by percentile: command\.total"/);
    assert.match(page, /Access is denied\ufffd\[31m &lt;b&gt;/);
    const junit = readFileSync(xml, 'utf8');
    assert.match(page, /<li><b>0<\/b><span>lost<\/span><\/li><li class="bad"><b>3<\/b><span>unsent<\/span>/);
    assert.match(page, /<title>FAILED: Simulation of 3 devices<\/title>/);
    assert.match(
      page,
      /<h1><span class="verdict FAILED">FAILED<\/span>.*unsent 3, must be 0.*<h2>Assertions.*<h2>Latency/s,
    );
    assert.match(page, /<th[^>]*>lost<\/th><th[^>]*>unsent<\/th>/);
    assert.match(junit, /<testsuites tests="3" failures="2" errors="0"/);
    assert.match(junit, /name="unsent == 0"><failure type="assertion" message="unsent 3, must be 0"/);
    assert.match(junit, /name="command\.total\.p99 &lt; 1ms"><failure type="assertion"/);
  });

  for (const [what, content, complaint, exit] of [
    ['an empty file', '', /is no result of a simulation: it is no JSON/, 3],
    ['another JSON', '{"seed":1}', /is no result of a simulation: version is required/, 3],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const file = join(folder, 'bad.json');
      writeFileSync(file, content);
      const { code, stderr, stdout } = await home.run(['report', 'show', file]);
      assert.equal(code, exit);
      assert.equal(stdout, '');
      assert.match(stderr, complaint);
    });
  }

  it('takes nothing in a result for markup', async () => {
    const file = changed('markup.json', { counters: { '<td><script>1</script>': 1 } });
    const html = join(folder, 'markup.html');
    assert.equal((await home.run(['report', 'show', file, '--report', html])).code, 0);
    assert.match(readFileSync(html, 'utf8'), /<td>&lt;td&gt;&lt;script&gt;/);
  });

  it('refuses what later versions write, shards that cannot be, and damaged histograms', async () => {
    const refusal = async (file: string, ...args: string[]) => {
      const { code, stderr } = await home.run(['report', ...args, file]);
      assert.equal(code, 3, stderr);
      return stderr;
    };
    assert.match(await refusal(changed('v2.json', { version: 2, more: 1 }), 'show'), /version is 2, .* reads 1/);
    assert.match(await refusal(changed('odd.json', { shards: [1] }), 'merge'), /shards are 1 of 1/);
    const { hops } = JSON.parse(readFileSync(written('hops.json', { latenciesMs: [1] }), 'utf8')) as Bundle;
    const damaged = Object.fromEntries(
      Object.entries(hops).map(([name, hop]) => [name, { ...hop, histogram: 'AAAA' }]),
    );
    assert.match(await refusal(changed('torn.json', { hops: damaged }), 'merge'), /histogram .* is damaged/);
  });

  it('refuses a missing file, and a form that it does not know', async () => {
    assert.equal((await home.run(['report', 'show', join(folder, 'none.json')])).code, 2);
    const file = written('form.json', { latenciesMs: [1] });
    const { code, stderr } = await home.run(['report', 'show', file, '--report', 'run.pdf']);
    assert.equal(code, 2);
    assert.match(stderr, /must end in \.json, \.html or \.xml/);
  });
});

describe('report merge', () => {
  const assertions = ['command.total.count == 3', 'lost == 0'];
  const shards = [[5, 7], [600]].map((latenciesMs, shard) =>
    written(`shard-${shard}.json`, { latenciesMs, shard, shardCount: 2, assertions }),
  );

  it('adds the shards up and judges the assertions', async () => {
    const { stdout, code } = await home.run(['report', 'merge', ...shards]);
    const whole = JSON.parse(stdout) as Bundle;
    assert.equal(code, 0);
    assert.deepEqual(whole.shards, [0, 1]);
    assert.equal(whole.command, 'devicehive simulate run fleet.yaml --seed 7');
    assert.equal(whole.devices, 6);
    assert.equal(whole.ledger.commands.received, 3);
    assert.deepEqual(
      whole.assertions.map(({ ok }) => ok),
      [true, true],
    );
  });

  it('ends with 11 where a shard is missing, and still shows what there is', async () => {
    const { stdout, code, stderr } = await home.run(['report', 'merge', ...shards.slice(0, 1)]);
    assert.equal(code, 11);
    assert.match(stderr, /the result of shard 1 of 2 is missing/);
    assert.equal((JSON.parse(stdout) as Bundle).ledger.commands.received, 2);
  });

  it('ends with 9 where an assertion does not hold', async () => {
    const files = [[5], [9]].map((latenciesMs, shard) =>
      written(`slow-${shard}.json`, { latenciesMs, shard, shardCount: 2, assertions: ['command.total.max < 8ms'] }),
    );
    const { code, stderr } = await home.run(['report', 'merge', ...files]);
    assert.equal(code, 9);
    assert.match(stderr, /command\.total\.max < 8ms \(it is 9(\.\d+)? ms\)/);
  });

  /** Writes a copy of a result with changes, and returns its text. */
  const edited = (file: string, changes: Partial<Bundle>) =>
    JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as Bundle), ...changes });
  const log = (name: string, ...lines: string[]) => {
    const file = join(folder, name);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    return file;
  };

  it('takes all results of a log, of one shard the latest whole one, and says so', async () => {
    const [first = '', second = ''] = shards;
    const again = edited(first, { startedAt: '2026-01-01T00:00:24.000Z', late: true });
    const cut = edited(first, { startedAt: '2026-01-01T00:01:00.000Z', interrupted: true });
    const all = log('all.log', 'npm notice', readFileSync(first, 'utf8'), again, '3 devices are up', cut);
    const page = join(folder, 'parts.html');
    const ended = await home.run(['report', 'merge', all, second, '--report', page]);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /several results of shard 0 of 2: the latest whole one was taken/);
    assert.match(ended.stderr, /late: shard 0 of 2/);
    assert.match(ended.stderr, /the shards started within 24 s/);
    assert.match(readFileSync(page, 'utf8'), /several results of shard 0 of 2/);
    const { parts } = JSON.parse(ended.stdout) as Bundle;
    assert.deepEqual(parts, { missing: [], cut: [], doubled: [0], late: [0], startSpreadMs: 24_000 });
    const other = await home.run(['report', 'merge', second, all]);
    assert.equal(other.stdout, ended.stdout);
  });

  it('ends with 11 where a part was stopped before its end, and asserts nothing', async () => {
    const [first = '', second = ''] = shards;
    const cut = log('cut.json', edited(second, { interrupted: true, plannedMs: 60_000 }));
    const { code, stdout, stderr } = await home.run(['report', 'merge', first, cut]);
    assert.equal(code, 11);
    assert.match(stderr, /shard 1 of 2 was stopped before the end/);
    const { outcome, assertions, interrupted } = JSON.parse(stdout) as Bundle;
    assert.deepEqual([outcome, interrupted, assertions.every(({ ok }) => ok === null)], ['generator', true, true]);
    const text = await home.run(['report', 'merge', first, cut, '-o', 'text']);
    assert.match(text.stdout, /^FAILED +shard 1 of 2 was stopped before the end$/m);
  });

  it('reads long results in blocks: of one that is damaged in a later step it takes nothing', async () => {
    const step = { sent: 1, received: 1, errors: 0, connected: 1, inFlight: 0, latencies: { connect: { 40: 1 } } };
    const points = Array.from({ length: 3000 }, () => step);
    const timelines = { timeline: { everyMs: 1000, points } };
    const part = (shard: number) => changed(`long-${shard}.json`, { ...timelines, shards: [shard], shardCount: 2 });
    const [first, second] = [part(0), part(1)];
    const whole = await home.run(['report', 'merge', first, second]);
    assert.equal(whole.code, 0, whole.stderr);
    const { timeline } = JSON.parse(whole.stdout) as Bundle;
    assert.equal(timeline.points.length, 3000);
    assert.deepEqual(timeline.points.at(-1), {
      ...step,
      sent: 2,
      received: 2,
      connected: 2,
      latencies: { connect: { 40: 2 } },
    });
    const steps = readFileSync(second, 'utf8').split('"sent":1,');
    const damaged = `${steps.slice(0, -1).join('"sent":1,')}"sent":"1",${steps.at(-1)}`;
    writeFileSync(second, damaged);
    const refused = await home.run(['report', 'merge', first, second]);
    assert.deepEqual([refused.code, refused.stdout], [3, '']);
    assert.match(refused.stderr, /long-1\.json' is no result of a simulation: timeline\.points\.2999\.sent must be/);
  });

  it('counts a part as missing whose log ends before its result', async () => {
    const [first = '', second = ''] = shards;
    const torn = log('torn.log', '3 devices are up', readFileSync(second, 'utf8').slice(0, 300));
    for (const file of [torn, log('empty.log')]) {
      const { code, stderr } = await home.run(['report', 'merge', first, file]);
      assert.equal(code, 11, stderr);
      assert.match(stderr, /'.*\.log' holds no result/);
      assert.match(stderr, /the result of shard 1 of 2 is missing/);
    }
    assert.equal((await home.run(['report', 'merge', torn])).code, 3);
  });
});

describe('in 40 columns', () => {
  const file = written('narrow.json', {
    latenciesMs: [5, 7],
    unsent: 3,
    assertions: ['command.total.p99 < 1ms', 'notification.accepted.p99 < 500ms'],
  });
  const shown = async (...words: string[]) => {
    using terminal = Terminal.start(home, ['report', ...words]);
    terminal.resize(40);
    await terminal.ended();
    const lines = terminal.text.trimEnd().split('\n');
    for (const line of lines) assert.ok(line.length <= 40, line);
    return lines.join('\n');
  };

  it('a summary cuts no word, and leaves nothing of its ledger out', async () => {
    const text = await shown('show', file);
    assert.match(text, /^FAILED {2}command\.total\.p99 7 ms,\n {8}limit 1 ms$/m);
    assert.match(text, /^ {8}notification\.accepted\.p99/m);
    assert.match(text, /^ +count +p50 +p99 +max\ncommand\.total +2 {2}5 ms {2}7 ms {2}7 ms$/m);
    assert.match(text, /^commands: 5 expected, 2 received, 0\n {2}lost, 3 unsent, 0 duplicated, 0\n {2}reordered$/m);
  });

  it('a difference has two lines for each number', async () => {
    const text = await shown('diff', written('quick.json', { latenciesMs: [1, 1] }), file);
    assert.match(text, /^commands\.unsent {2}worse\n {2}0 → 3 {2}appeared$/m);
  });
});

describe('report diff', () => {
  const before = written('before.json', { latenciesMs: [10, 10, 10] });
  const after = written('after.json', { latenciesMs: [10, 10, 20] });

  it('shows each number that either has', async () => {
    const { stdout, code } = await home.run([
      'report',
      'diff',
      before,
      after,
      '--query',
      "changes[?metric=='command.total.p99'].change | [0]",
    ]);
    assert.equal(code, 0);
    assert.ok(Math.abs(Number(stdout) - 1) < 0.01, stdout);
    const text = await home.run(['report', 'diff', before, after, '-o', 'text']);
    assert.match(
      text.stdout,
      /^before {2}OK {2}nothing was asserted\nafter {3}OK {2}nothing was asserted\n2 worse\n\n +before +after +change\ncommand\.total\.(?:p99|max) +10 ms +20 ms +\+100\.0 % +worse +insert → last update\n.*\n\n\d+ unchanged\n$/,
    );
  });

  it('shows the worst first, and what got better last', async () => {
    const counts = (counters: Readonly<Record<string, number>>) =>
      ({ ...JSON.parse(readFileSync(before, 'utf8')), counters }) as Record<string, unknown>;
    const old = changed('old.json', counts({ sent: 100, errors: 10, refused: 40, timeouts: 2 }));
    const fresh = changed('fresh.json', counts({ sent: 150, errors: 15, refused: 10, timeouts: 2, unanswered: 3 }));
    const { stdout } = await home.run(['report', 'diff', old, fresh, '-o', 'text']);
    const names = [...stdout.matchAll(/^([a-z.A-Z]+) +\S.*(?:%|appeared)/gm)].map(([, name]) => name);
    assert.deepEqual(
      names.filter((name) => !name?.endsWith('.rate')),
      ['unanswered', 'unanswered.share', 'errors', 'sent', 'refused'],
    );
    assert.match(stdout, /^3 worse, 1 better, \d changed$/m);
    assert.match(stdout, /^unanswered +0 +3 +appeared +worse +commands without an answer in time$/m);
    assert.doesNotMatch(stdout, /timeouts/);
    assert.match(
      (await home.run(['report', 'diff', old, old, '-o', 'text'])).stdout,
      /^before {2}OK.*\nafter {3}OK.*\nnothing changed\n\d+ unchanged\n$/,
    );
  });

  it('begins with how both runs ended, and takes connections that were cut as planned for nothing worse', async () => {
    const failed = written('failed.json', { latenciesMs: [10, 10, 10], unsent: 3, assertions: ['unsent == 0'] });
    const cut = { sent: 3, disconnects: 5, plannedDisconnects: 5 };
    const planned = changed('cut.json', { ...(JSON.parse(readFileSync(failed, 'utf8')) as Bundle), counters: cut });
    const { stdout } = await home.run(['report', 'diff', before, planned, '-o', 'text']);
    assert.match(stdout, /^before {2}OK {2}nothing was asserted\nafter {3}FAILED {2}unsent 3, must be 0\n\d worse/);
    assert.match(stdout, /^disconnects +0 +5 +appeared {3,}connections lost$/m);
    assert.equal(
      (await home.run(['report', 'diff', before, planned, '--fail-over', '500%'])).stderr.includes('disc'),
      false,
    );
  });

  it('ends with 9 where it got worse by more than is tolerated', async () => {
    const worse = await home.run(['report', 'diff', before, after, '--fail-over', '10%']);
    assert.equal(worse.code, 9);
    assert.match(worse.stderr, /worse by more than 10%: command\.total\.p99 \+100 %/);
    assert.equal((await home.run(['report', 'diff', before, before, '--fail-over', '10%'])).code, 0);
    assert.equal((await home.run(['report', 'diff', before, after, '--fail-over', 'ten'])).code, 2);
  });
});
