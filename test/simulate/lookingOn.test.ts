import assert from 'node:assert/strict';
import { get } from 'node:http';
import { Writable } from 'node:stream';
import { describe, it } from 'node:test';
import headless from '@xterm/headless';
import { Chalk } from 'chalk';
import { openDashboard } from '../../src/cli/commands/simulate/run/dashboard.ts';
import { liveView, viewLines } from '../../src/cli/commands/simulate/run/liveView.ts';
import { openMetrics } from '../../src/cli/commands/simulate/run/metrics.ts';
import { observersOf } from '../../src/cli/commands/simulate/run/observers.ts';
import { progressLines } from '../../src/cli/commands/simulate/run/progressLines.ts';
import { hopNames } from '../../src/simulate/measure/bundle.ts';
import { Recorder } from '../../src/simulate/measure/recorder.ts';
import { mergedSnapshot, type Snapshot } from '../../src/simulate/measure/snapshot.ts';
import { percentileChart } from '../../src/simulate/report/page/charts.ts';
import type { RunOutline } from '../../src/simulate/report/page/dashboard.ts';
import { timeOfDay } from '../../src/simulate/report/numbers.ts';
import { FakeIo } from '../cli/fakeIo.ts';

const noonMs = Date.parse('2026-01-01T12:00:00Z');

function measured(seconds = 1): Snapshot {
  const recorder = new Recorder();
  recorder.startedAtMs = noonMs;
  recorder.devices = 1200;
  recorder.connected = 1100;
  for (let second = 0; second < seconds; second++) {
    recorder.count('sent', 50);
    recorder.count('unanswered', 3);
    recorder.count('disconnects', 3);
    recorder.count('plannedDisconnects', 2);
    recorder.commands.expect();
    recorder.commands.receive();
    recorder.hop('command.total', 20);
    recorder.fail('refused', 403, 'Access is denied\u001b[2J<i>');
    recorder.note({ atMs: second * 1000, device: 'sim-1', text: 'reboot → done' });
    recorder.tick();
  }
  return recorder.snapshot();
}

const outline: RunOutline = {
  planName: 'fleet.yaml',
  url: 'ws://127.0.0.1:1/dh/websocket',
  devices: 1200,
  plannedMs: 60_000,
  assertions: ['command.total.p99 < 1ms', 'lost == 0', 'sent >= 1000'],
};

/** Returns the address on the line that starts with this word. */
function addressIn(io: FakeIo, word: string): string {
  return new RegExp(`${word}: (http\\S+)`).exec(io.stderr)?.[1] ?? '';
}

describe('the live view', () => {
  const plain = new Chalk({ level: 0 });

  it('shows devices, rates, latencies, errors and the last events, safely', () => {
    const text = viewLines(outline, measured(), 200, plain).join('\n');
    for (const part of [
      /^fleet\.yaml on ws:\/\/127\.0\.0\.1:1\/dh\/websocket\n1 s of 1 min {3}1,100 of 1,200 devices connected/,
      /50 sent\/s/,
      /^does not hold {2}command\.total\.p99 < 1ms \(2\d\.?\d* ms\)\nholds so far {2}lost == 0 \(0\)\nnot yet {2}sent >= 1000 \(50\)$/m,
      /^command\.total +2\d\.?\d* ms/m,
      /commands: 1 of 1, 3 unanswered/,
      /^disconnects: 1\ndisconnects as planned: 2$/m,
      /1 × refused 403: Access is denied\\u001b\[2J<i>/,
      new RegExp(`^${timeOfDay(noonMs)} {2}sim-1 {2}reboot → done$`, 'm'),
    ])
      assert.match(text, part);
    assert.doesNotMatch(text, /\u001b/);
  });

  it('is never wider than the terminal', () => {
    const narrow = viewLines(outline, measured(), 36, plain);
    for (const line of narrow) assert.ok(line.length < 36, line);
    const text = narrow.join('\n');
    assert.match(text, /command\.total {2}21\.2 ms {2}21\.2 ms/);
    assert.match(
      text,
      /^fleet\.yaml\non ws:\S+\n1 s of 1 min\n1,100 of 1,200 devices connected\n0 in flight\n50 sent\/s/,
    );
    assert.match(text, /^does not hold {2}command\.total\.p99\n {2}< 1ms \(2\d\.?\d* ms\)$/m);
    assert.match(text, /^1 × refused 403: Access is …$/m);
  });

  it('stays below other output, is cut where the terminal is low, and leaves nothing behind', async () => {
    const terminal = new headless.Terminal({ cols: 80, rows: 10, allowProposedApi: true, convertEol: true });
    const screen = Object.assign(
      new Writable({ write: (text: Buffer, _encoding, done) => terminal.write(text, done) }),
      { columns: 80, rows: 10 },
    );
    const shown = async () => {
      await new Promise((resolve) => screen.write('', resolve));
      const { active } = terminal.buffer;
      const lines = Array.from(
        { length: active.length },
        (_, row) => active.getLine(row)?.translateToString(true) ?? '',
      );
      return lines.filter((line) => line !== '').map((line) => line.split('  ')[0]);
    };
    const io = new FakeIo();
    const view = liveView(outline, { io, values: {} }, screen);
    view.update(measured());
    io.aside?.(() => screen.write('a note\n'));
    view.update(measured(2));
    assert.deepEqual(await shown(), [
      'a note',
      'fleet.yaml on ws://127.0.0.1:1/dh/websocket',
      '2 s of 1 min',
      '50 sent/s',
      'does not hold',
      'holds so far',
      'not yet',
      'disconnects: 2',
      'disconnects as planned: 4',
      '2 × refused 403: Access is denied\\u001b[2J<i>',
    ]);
    await view.finish();
    assert.deepEqual(await shown(), ['a note']);
    assert.equal(io.aside, undefined);
  });
});

describe('progress elsewhere than on a terminal', () => {
  it('is a line every ten seconds', () => {
    const io = new FakeIo();
    const lines = progressLines(io);
    for (let second = 1; second <= 25; second++) lines.update({ ...measured(), atMs: second * 1000 });
    assert.equal(io.stderr.trim().split('\n').length, 2);
    assert.match(
      io.stderr,
      /10 s, 1,100 of 1,200 devices, 50 sent\/s, 0 in flight, command\.total p99 2\d\.?\d* ms, 1 error$/m,
    );
  });
});

describe('snapshots of several processes', () => {
  it('add up', () => {
    const both = mergedSnapshot([measured(), measured()]);
    assert.equal(both.devices, 2400);
    assert.equal(both.lastTick?.sent, 100);
    assert.equal(both.ledger.commands.received, 2);
    assert.equal(both.errors[0]?.count, 2);
  });
});

describe('the metrics', () => {
  it('are what Prometheus reads', async () => {
    const io = new FakeIo();
    const metrics = await openMetrics({ host: '127.0.0.1', port: 0 }, outline, io);
    try {
      metrics.update(measured());
      const response = await fetch(addressIn(io, 'metrics'));
      const text = await response.text();
      assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=/);
      for (const line of [
        'devicehive_simulation_devices_connected 1100',
        'devicehive_simulation_events_total{event="sent"} 50',
        'devicehive_simulation_ledger{kind="commands",fate="received"} 1',
        'devicehive_simulation_generator_saturated 0',
        'devicehive_simulation_unanswered_share 0.75',
        'devicehive_simulation_assertion_holds{assertion="lost == 0"} 1',
        'devicehive_simulation_assertion_holds{assertion="command.total.p99 < 1ms"} 0',
      ])
        assert.ok(text.includes(`\n${line}\n`), line);
      assert.match(text, /# HELP \S+_latency_seconds .*command\.total\.p99.*command\.total: insert → last update/);
      assert.match(text, /latency_seconds\{hop="command\.total",quantile="0\.99"\} 0\.02\d/);
    } finally {
      await metrics.finish();
    }
  });
});

describe('the dashboard', () => {
  it('shows the measurements, escaped, and sends each change', async () => {
    const io = new FakeIo();
    const dashboard = await openDashboard(0, outline, io);
    const url = addressIn(io, 'dashboard');
    try {
      dashboard.update(measured());
      const page = await fetch(url);
      const html = await page.text();
      assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'.*script-src 'sha256-/);
      assert.match(html, /<title>running: fleet\.yaml<\/title>/);
      assert.match(html, /<p>1 s of 1 min<\/p><progress max="60000" value="1000"/);
      assert.match(html, /✗ does not hold.*✓ holds so far.*not yet/s);
      assert.match(html, /<td class="name">command\.total<small>insert → last update<\/small><\/td>/);
      assert.match(html, new RegExp(`<td data-head="at">${timeOfDay(noonMs)}</td>`));
      assert.match(html, /Access is denied\ufffd\[2J&lt;i&gt;/);
      const events = await fetch(`${url}events`);
      const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
      assert.match((await reader?.read())?.value ?? '', /^data: "/);
      dashboard.update({ ...measured(), connected: 7 });
      assert.match((await reader?.read())?.value ?? '', /<b>7<\/b>/);
      await dashboard.finish();
      assert.match((await reader?.read())?.value ?? '', /^event: end/);
    } finally {
      await dashboard.finish();
    }
  });

  it('adds no second of the run twice', async () => {
    const io = new FakeIo();
    const dashboard = await openDashboard(0, outline, io);
    try {
      for (const seconds of [1, 2, 3]) dashboard.update(measured(seconds));
      const once = await (await fetch(addressIn(io, 'dashboard'))).text();
      dashboard.update(measured(3));
      assert.equal(await (await fetch(addressIn(io, 'dashboard'))).text(), once);
    } finally {
      await dashboard.finish();
    }
  });

  it('answers only under the names of this machine', async () => {
    const io = new FakeIo();
    const dashboard = await openDashboard(0, outline, io);
    try {
      const url = new URL(addressIn(io, 'dashboard'));
      const statusOf = (headers: Readonly<Record<string, string>>) =>
        new Promise((resolve) =>
          get({ host: '127.0.0.1', port: url.port, headers }, (response) => {
            response.resume();
            resolve(response.statusCode);
          }),
        );
      assert.equal(await statusOf({ Host: 'evil.example:80' }), 403);
      assert.equal(await statusOf({ Origin: 'https://evil.example' }), 403);
      assert.equal(await statusOf({ Origin: 'null' }), 403);
      assert.equal(await statusOf({ Host: `[::1]:${url.port}`, Origin: 'http://localhost:3000' }), 200);
      assert.equal((await fetch(new URL('other', url))).status, 404);
      assert.equal((await fetch(url, { method: 'POST' })).status, 405);
    } finally {
      await dashboard.finish();
    }
  });
});

describe('those who look on', () => {
  it('learn that a port is invalid or taken', async () => {
    const io = new FakeIo();
    await assert.rejects(observersOf(outline, { io, values: { metrics: 'x' } }), /--metrics 'x' is no port/);
    const metrics = await openMetrics({ host: '127.0.0.1', port: 0 }, outline, io);
    try {
      const { port } = new URL(addressIn(io, 'metrics'));
      await assert.rejects(
        observersOf(outline, { io, values: { dashboard: port } }),
        /--dashboard: cannot listen on 127\.0\.0\.1/,
      );
    } finally {
      await metrics.finish();
    }
  });
});

describe('the percentiles of a report', () => {
  it('have a colour for each part of a conversation', () => {
    const recorder = new Recorder();
    for (const name of hopNames) recorder.hop(name, 5);
    const classes = percentileChart(recorder.bundle({} as never).hops, []).match(/class="curve c\d+"/g) ?? [];
    // each curve, and its key in the legend
    assert.equal(classes.length, 16);
    assert.equal(new Set(classes).size, 8);
  });
});
