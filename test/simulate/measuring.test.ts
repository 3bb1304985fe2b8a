import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Noise } from '../../src/client/wire/noise.ts';
import { vocabulary } from '../../src/build/schemas.ts';
import { Failure } from '../../src/errors.ts';
import { saidBy } from '../../src/simulate/measure/errorTable.ts';
import { hopNames, type Bundle } from '../../src/simulate/measure/bundle.ts';
import { addSample, percentileOf, type Classes } from '../../src/simulate/measure/classes.ts';
import { watchLoopDelay } from '../../src/simulate/measure/loopDelay.ts';
import { Recorder, type RunFacts } from '../../src/simulate/measure/recorder.ts';
import { Samples } from '../../src/simulate/measure/samples.ts';
import { emptyPoint, fitted, Timeline } from '../../src/simulate/measure/timeline.ts';
import { merge as mergeStored } from '../../src/simulate/report/merge.ts';
import { headOf } from '../../src/simulate/report/storedResult.ts';
import { spokenMs } from '../../src/simulate/report/numbers.ts';
import { judged, verdictOf } from '../../src/simulate/report/verdict.ts';

const facts: RunFacts = {
  seed: 42,
  command: 'devicehive simulate run fleet.yaml --seed 42',
  plan: 'abc',
  url: 'ws://127.0.0.1:1/dh/websocket',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 2000,
  devices: 2,
  shards: [0],
  shardCount: 1,
};

/** Returns a recorder with one command of each of these latencies. */
function recorded(latenciesMs: readonly number[]): Recorder {
  const recorder = new Recorder();
  for (const ms of latenciesMs) {
    recorder.count('sent');
    recorder.commands.expect();
    recorder.commands.receive();
    recorder.hop('command.total', ms);
  }
  recorder.tick();
  return recorder;
}

function resultOf(recorder: Recorder, own: Partial<RunFacts> = {}, assertions: readonly string[] = []): Bundle {
  return judged(recorder.bundle({ ...facts, ...own }), assertions);
}

describe('samples', () => {
  it('give percentiles within a thousandth', () => {
    const samples = new Samples();
    for (let ms = 1; ms <= 1000; ms++) samples.record(ms);
    const { count, minMs, p50Ms, p99Ms, maxMs } = samples.summary();
    assert.equal(count, 1000);
    for (const [actual, expected] of [
      [minMs, 1],
      [p50Ms, 500],
      [p99Ms, 990],
      [maxMs, 1000],
    ] as const)
      assert.ok(Math.abs(actual - expected) <= expected / 1000, `${actual} is about ${expected}`);
  });

  it('hold times of a day and times before zero', () => {
    const samples = new Samples();
    samples.record(-3);
    samples.record(200_000_000);
    assert.equal(samples.summary().minMs, 0);
    assert.ok(samples.summary().maxMs >= 86_300_000);
  });

  it('come back from their text, and add up exactly', () => {
    const [all, odd, even] = [new Samples(), new Samples(), new Samples()];
    for (let index = 0; index < 5000; index++) {
      const ms = (index * 7919) % 1307;
      all.record(ms);
      (index % 2 === 0 ? even : odd).record(ms);
    }
    const sum = Samples.decode(odd.summary().histogram);
    sum.add(Samples.decode(even.summary().histogram));
    assert.deepEqual(sum.figures(), all.figures());
  });
});

describe('classes of samples', () => {
  it('are at most 9.1 % off', () => {
    const classes: Classes = {};
    for (let ms = 1; ms <= 100; ms++) addSample(classes, ms);
    const p50 = percentileOf(classes, 50) ?? 0;
    assert.ok(p50 >= 50 && p50 <= 50 * 1.091, String(p50));
    assert.equal(percentileOf({}, 99), undefined);
  });
});

describe('a timeline', () => {
  it('joins its steps when there are too many, and loses none', () => {
    const timeline = new Timeline(1000);
    for (let second = 0; second < 8000; second++) {
      timeline.current.sent += 2;
      timeline.close(second, 0);
    }
    const { everyMs, points } = timeline.result();
    assert.equal(everyMs, 32_000);
    assert.ok(points.length <= 480);
    assert.equal(
      points.reduce((sum, { sent }) => sum + sent, 0),
      16_000,
    );
    assert.equal(points.at(-1)?.connected, 7999);
  });

  it('has a step that follows from the planned length alone, however early a part of the run ends', () => {
    const steps = (forMs: number, ticks: number) => {
      const recorder = new Recorder(undefined, forMs);
      for (let tick = 0; tick < ticks; tick++) recorder.tick();
      return recorder.bundle(facts).timeline;
    };
    for (const [forMs, everyMs] of [
      [10_000, 1000],
      [360_000, 1000],
      [361_000, 2000],
      [3_600_000, 10_000],
      [86_400_000, 240_000],
    ] as const) {
      assert.equal(steps(forMs, 3).everyMs, everyMs);
      const whole = steps(forMs, forMs / 1000 + 30);
      assert.equal(whole.everyMs, everyMs);
      assert.ok(whole.points.length <= 391, String(whole.points.length));
    }
  });

  it('stays below 1.5 MiB whatever it holds, and loses nothing', () => {
    const latencies = Object.fromEntries(
      hopNames.map((name) => [name, Object.fromEntries(Array.from({ length: 150 }, (_, at) => [String(at), 10_000]))]),
    );
    const points = Array.from({ length: 400 }, () => ({
      ...emptyPoint(),
      sent: 3,
      latencies: structuredClone(latencies),
    }));
    const timeline = fitted({ everyMs: 10_000, points });
    assert.ok(JSON.stringify(timeline).length <= 1.5 * 1024 * 1024);
    assert.equal(timeline.everyMs % 20_000, 0);
    assert.equal(
      timeline.points.reduce((sum, { sent }) => sum + sent, 0),
      1200,
    );
  });
});

describe('the delay of the event loop', () => {
  it('has a sample for each look that a standstill kept from being taken', () => {
    let now = 0;
    let look = () => {};
    const delays: number[] = [];
    const stop = watchLoopDelay({
      nowMs: () => now,
      schedule: (_afterMs, run) => {
        look = run;
        return () => (look = () => {});
      },
      onDelay: (ms) => void delays.push(ms),
    });
    now = 20;
    look();
    now = 90;
    look();
    stop();
    look();
    assert.deepEqual(delays, [0, 50, 30, 10]);
  });
});

describe('a saturated generator', () => {
  it('shows in the worst ten seconds, and the run is not to be trusted', () => {
    const recorder = recorded([5]);
    for (let second = 0; second < 10; second++) {
      for (let sample = 0; sample < 50; sample++) recorder.hop('loop.delay', second === 4 ? 900 : 1);
      recorder.tick();
    }
    const bundle = resultOf(recorder, {}, ['lost == 1']);
    assert.equal(bundle.outcome, 'generator');
    assert.equal(verdictOf(bundle)?.kind, 'generator');
    assert.match(
      verdictOf(bundle)?.message ?? '',
      /the event loop was \d+ ms late \(loop\.delay\.p99 over 10 s, limit 250 ms, first at \d+ s\)/,
    );
  });

  it('is not one of a short run with one pause of a third of a second', () => {
    const recorder = recorded([5]);
    for (const ms of [340, 320, 300, 280, 260]) recorder.hop('loop.delay', ms);
    recorder.tick();
    assert.equal(resultOf(recorder).outcome, 'ok');
    recorder.hop('loop.delay', 900);
    recorder.tick();
    assert.equal(resultOf(recorder).outcome, 'generator');
  });

  it('is not one of a run that keeps up', () => {
    const recorder = recorded([5]);
    for (let second = 0; second < 20; second++) {
      for (let sample = 0; sample < 50; sample++) recorder.hop('loop.delay', 3);
      recorder.hop('send.lag', 900);
      recorder.tick();
    }
    assert.equal(resultOf(recorder).outcome, 'ok');
  });
});

describe('a run without samples', () => {
  it('proves nothing', () => {
    const bundle = resultOf(new Recorder());
    assert.equal(verdictOf(bundle)?.kind, 'generator');
    assert.match(verdictOf(bundle)?.message ?? '', /nothing was measured/);
  });
});

describe('the result of a run', () => {
  it('is as its schema says', () => {
    const recorder = recorded([1, 2, 3]);
    recorder.fail('refused', 403, 'Access is denied');
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    ajv.addVocabulary(vocabulary);
    const schema = JSON.parse(readFileSync(new URL('../../schemas/report.json', import.meta.url), 'utf8')) as object;
    assert.ok(ajv.validate(schema, resultOf(recorder, {}, ['lost == 0'])), ajv.errorsText());
  });

  it('counts an error among those of its kind', () => {
    const recorder = recorded([1]);
    for (const device of ['sim-1', 'sim-2'])
      recorder.fail('refused', 404, `Device with such deviceId = ${device} not found`);
    recorder.fail('timeout', null, 'no reply to command/update within 10000 ms');
    const { counters, errors } = resultOf(recorder);
    assert.equal(counters['errors'], 3);
    assert.equal(counters['refused'], 2);
    assert.equal(counters['timeouts'], 1);
    assert.deepEqual(errors[0], {
      kind: 'refused',
      code: 404,
      text: 'Device with such deviceId = … not found',
      count: 2,
    });
  });
});

describe('the table of errors', () => {
  it('is not slowed down by long texts of a server', () => {
    // each would take a quarter of a minute if all of it were searched
    const recorder = recorded([1]);
    for (let time = 0; time < 5; time++) recorder.fail('refused', 500, 'x'.repeat(200_000));
    const { errors } = resultOf(recorder);
    assert.deepEqual(errors, [{ kind: 'refused', code: 500, text: 'x'.repeat(300), count: 5 }]);
  });
});

describe('times as people read them', () => {
  it('have no minute of sixty seconds', () => {
    assert.deepEqual([59_400, 119_600, 3_599_900, 5_399_900].map(spokenMs), ['59.4 s', '2 min', '1 h', '1 h 30 min']);
  });
});

describe('the text of a failure', () => {
  it('is the same whatever else came meanwhile', () => {
    const noise = new Noise();
    for (const count of [1, 2, 3]) {
      noise.add('a reply to no pending request', `{"requestId":${count}}`, { hide: (text: string) => text } as never);
      const failure = new Failure('timeout', `command/update: no reply within 1 s; ${noise.since(0)}`);
      assert.equal(saidBy(failure), 'command/update: no reply within 1 s');
    }
  });
});

/** Merges results that are in memory. */
function merge(bundles: readonly Bundle[]) {
  return mergeStored(bundles.map((bundle) => ({ head: headOf(bundle), read: () => bundle })));
}

describe('results of shards', () => {
  const three = [[1, 2, 3], [40, 50], [600]].map((latencies, shard) => {
    return resultOf(recorded(latencies), { shards: [shard], shardCount: 3, devices: 1 }, ['command.total.count == 6']);
  });

  it('assert nothing each by itself', () => {
    assert.deepEqual(three[0]?.assertions, [{ text: 'command.total.count == 6', ok: null, actual: null }]);
  });

  it('add up to what one process would have measured', () => {
    const whole = recorded([1, 2, 3, 40, 50, 600]).bundle({ ...facts, devices: 3, shards: [0, 1, 2], shardCount: 3 });
    const merged = merge(three.toReversed());
    const { parts, interrupted, late, ...measured } = merged;
    assert.deepEqual(measured, whole);
    assert.deepEqual([interrupted, late], [false, false]);
    assert.deepEqual(parts, { missing: [], cut: [], doubled: [], late: [], startSpreadMs: 0 });
    assert.equal(judged(merged, ['command.total.count == 6']).outcome, 'ok');
  });

  const [first, second] = three as [Bundle, Bundle];

  it('say which one is missing, and refuse shards of other runs', () => {
    assert.deepEqual(merge(three.slice(0, 2)).parts?.missing, [2]);
    assert.equal(merge([{ ...first, shardCount: 1e9 }]).parts?.missing.length, 1000);
    assert.match(verdictOf(judged(merge([second]), []))?.message ?? '', /^the result of shards 0, 2 of 3 is missing$/);
    assert.throws(
      () => merge([first, { ...first, seed: 7, shards: [1] }]),
      /not of one run: seed is 42 here and 7 there/,
    );
  });

  it('name parts that were cut, which assert nothing and end with 11, and parts that came late', () => {
    const merged = merge([{ ...first, interrupted: true }, { ...second, late: true }, three[2] as Bundle]);
    assert.deepEqual([merged.interrupted, merged.parts?.cut], [true, [0]]);
    assert.deepEqual([merged.late, merged.parts?.late], [true, [1]]);
    const bundle = judged(merged, ['command.total.count == 6']);
    assert.deepEqual([bundle.outcome, bundle.assertions[0]?.ok], ['generator', null]);
    assert.equal(verdictOf(bundle)?.kind, 'generator');
    assert.match(verdictOf(bundle)?.message ?? '', /^shard 0 of 3 was stopped before the end$/);
  });

  it('take of several results of one shard the latest whole one, in whatever order they come', () => {
    const at = (startedAt: string, changes: Partial<Bundle> = {}): Bundle => ({ ...second, startedAt, ...changes });
    const early = at('2026-01-01T00:00:00.000Z');
    const whole = at('2026-01-01T00:00:24.000Z', { devices: 7 });
    const cut = at('2026-01-01T00:01:00.000Z', { interrupted: true, devices: 9 });
    const orders = [
      [first, early, whole, cut],
      [cut, whole, early, first],
      [whole, cut, first, early],
    ];
    const texts = orders.map((order) => JSON.stringify(merge(order)));
    assert.equal(new Set(texts).size, 1);
    const { devices, parts } = merge(orders[0] as Bundle[]);
    assert.deepEqual([devices, parts?.doubled, parts?.cut], [first.devices + 7, [1], []]);
    assert.equal(merge([early, cut]).devices, second.devices);
    assert.deepEqual(merge([cut]).parts?.cut, [1]);
  });

  it('keep what they are made of when they are merged again, and are not added twice', () => {
    const some = judged(
      merge([
        { ...first, startedAt: '2026-01-01T00:00:00.000Z', interrupted: true },
        { ...second, startedAt: '2026-01-01T00:00:13.000Z', late: true },
      ]),
      [],
    );
    const { parts } = merge([some, { ...(three[2] as Bundle), startedAt: '2026-01-01T00:00:05.000Z' }]);
    assert.deepEqual(parts, { missing: [], cut: [0], doubled: [], late: [1], startSpreadMs: 13_000 });
    assert.throws(() => merge([some, second]), /result of shard 1 is there alone and merged with others/);
  });

  it('fold to the coarsest step exactly, whatever steps they have', () => {
    const steps = (everyMs: number, count: number): Bundle['timeline'] => ({
      everyMs,
      points: Array.from({ length: count }, () => ({ ...emptyPoint(), sent: everyMs / 1000, connected: 1 })),
    });
    const merged = merge([
      { ...first, timeline: steps(4000, 5) },
      { ...second, timeline: steps(1000, 18) },
    ]);
    assert.equal(merged.timeline.everyMs, 4000);
    assert.deepEqual(
      merged.timeline.points.map(({ sent, connected }) => [sent, connected]),
      [8, 8, 8, 8, 6].map((sent) => [sent, 2]),
    );
    const odd = merge([
      { ...first, timeline: steps(2000, 3) },
      { ...second, timeline: steps(3000, 2) },
    ]);
    assert.deepEqual([odd.timeline.everyMs, odd.timeline.points[0]?.sent], [6000, 12]);
  });

  it('keep apart what came from outside of the run, which makes good no loss', () => {
    const [lossy, visited] = [recorded([1]), recorded([1])];
    for (let count = 0; count < 3; count++) lossy.commands.expect();
    for (let count = 0; count < 2; count++) visited.commands.receiveFromElsewhere();
    const parts = [lossy, visited].map((recorder, shard) => resultOf(recorder, { shards: [shard], shardCount: 2 }));
    const { expected, received, lost, fromElsewhere } = merge(parts).ledger.commands;
    assert.deepEqual(
      { expected, received, lost, fromElsewhere },
      { expected: 7, received: 4, lost: 3, fromElsewhere: 2 },
    );
  });

  it('add up messages never sent, which are not lost, and accept older results that do not count them', () => {
    const [one, other] = [recorded([1]), recorded([1])];
    one.commands.omit(3);
    other.commands.expect();
    other.commands.expect();
    other.commands.giveUp();
    const parts = [one, other].map((recorder, shard) => resultOf(recorder, { shards: [shard], shardCount: 2 }));
    const { expected, received, lost, unsent } = merge(parts).ledger.commands;
    assert.deepEqual([expected, received, lost, unsent], [7, 2, 1, 4]);
    const withoutUnsent = (key: string, value: unknown) => (key === 'unsent' ? undefined : value);
    const older = JSON.parse(JSON.stringify(parts), withoutUnsent) as Bundle[];
    assert.equal(merge(older).ledger.commands.unsent, 0);
  });
});
