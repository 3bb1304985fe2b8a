import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Recorder } from '../../src/simulate/measure/recorder.ts';
import {
  judgeAssertion,
  parseAssertion,
  spokenActual,
  spokenComparison,
} from '../../src/simulate/report/assertions.ts';
import { metrics } from '../../src/simulate/report/metrics.ts';

function measured() {
  const recorder = new Recorder();
  for (let count = 0; count < 10; count++) recorder.commands.expect();
  for (let count = 0; count < 9; count++) recorder.commands.receive();
  recorder.hop('command.total', 250);
  recorder.count('sent', 100);
  recorder.count('unanswered', 3);
  const { ledger, counters, hops } = recorder.bundle({} as never);
  return { ledger, counters, hops, durationMs: 2000, devices: 3 };
}

function holds(text: string): boolean | null {
  const assertion = parseAssertion(text);
  if (typeof assertion === 'string') throw new Error(assertion);
  return judgeAssertion(assertion, measured()).ok;
}

describe('an assertion', () => {
  for (const [text, expected] of [
    ['lost == 0', false],
    ['lost <= 1', true],
    ['commands.received >= 9', true],
    ['command.total.p99 < 500ms', true],
    ['command.total.p99 < 0.2s', false],
    ['  command.total.count==1 ', true],
    ['refused == 0', true],
    ['refused != 0', false],
    ['sent.rate > 49/s', true],
    ['sent.rate > 50/s', false],
    ['devices == 3', true],
    ['unanswered.share < 80%', true],
    ['unanswered.share <= 74%', false],
  ] as const) {
    it(`${text} is ${String(expected)}`, () => assert.equal(holds(text), expected));
  }

  it('does not hold for a metric without samples', () => {
    const assertion = parseAssertion('notification.accepted.p50 < 1h');
    assert.ok(typeof assertion !== 'string');
    assert.deepEqual(judgeAssertion(assertion, measured()), { text: assertion.text, ok: false, actual: null });
  });

  for (const [text, complaint] of [
    ['', /must be METRIC OPERATOR VALUE/],
    ['lost = 0', /must be METRIC OPERATOR VALUE/],
    ['comand.total.p99 < 1s', /names comand\.total\.p99, .*did you mean command\.total\.p99/],
    ['command.total.p99 < 500', /write its unit/],
    ['command.total.p99 < 5constructor', /write its unit/],
    ['unanswered.share < 0.1', /write it as 1%/],
    ['lost == 0ms', /has no unit 'ms'/],
    ['sent.rate > 5ms', /write it as 50\/s/],
  ] as const) {
    it(`says what is wrong with '${text}'`, () => {
      const read = parseAssertion(text);
      assert.match(typeof read === 'string' ? read : 'nothing is wrong', complaint);
    });
  }

  it('is reported with the unit of its metric', () => {
    const spoken = (text: string, actual: number | null) => spokenActual({ text, actual, ok: false });
    assert.equal(spoken('command.total.p99 < 20ms', 56.09512), '56.1 ms');
    assert.equal(spoken('command.total.p99 < 1s', 2187.263), '2.19 s');
    assert.equal(spoken('command.total.p99 < 1s', 1000.4), '1.0004 s');
    assert.equal(spoken('unanswered.share < 1%', 0.29055), '29 %');
    assert.equal(spoken('sent.rate > 5/s', 2.5), '2.5/s');
    assert.equal(spoken('lost == 0', 3), '3');
    assert.equal(spoken('connect.p50 < 1s', null), '');
  });

  it('is compared with its limit', () => {
    const compared = (text: string, actual: number | null) => spokenComparison({ text, actual, ok: false });
    assert.equal(compared('command.total.p99 < 1s', 2960.1), 'command.total.p99 2.96 s, limit 1 s');
    assert.equal(compared('unanswered.share <= 1%', 0.0102), 'unanswered.share 1.02 %, limit 1 %');
    assert.equal(compared('lost == 0', 1203), 'lost 1,203, must be 0');
    assert.equal(compared('sent.rate >= 50/s', 2), 'sent.rate 2/s, at least 50/s');
    assert.equal(compared('connect.p50 < 1s', null), 'connect.p50 has no samples, limit 1 s');
  });

  it('can name every metric once', () => {
    const names = metrics().map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });
});
