import assert from 'node:assert/strict';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { openDashboard } from '../../src/cli/commands/simulate/run/dashboard.ts';
import type { Bundle } from '../../src/simulate/measure/bundle.ts';
import { Recorder } from '../../src/simulate/measure/recorder.ts';
import { page as reportPage } from '../../src/simulate/report/page/page.ts';
import { judged } from '../../src/simulate/report/verdict.ts';
import { FakeIo } from '../cli/fakeIo.ts';

/** Debian's Chromium, unless the environment names another. */
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 900 } } as const;

let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), 'devicehive-pages-'));

before(async () => {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  browser = await chromium.launch({ executablePath, args });
});

after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

function recorded(): Recorder {
  const recorder = new Recorder();
  recorder.devices = 50;
  recorder.connected = 50;
  recorder.devicesUp = 50;
  for (let second = 0; second < 30; second++) {
    for (let sample = 1; sample <= 40; sample++) {
      recorder.count('sent', 2);
      recorder.count('received', 2);
      recorder.commands.expect();
      recorder.commands.receive();
      recorder.hop('command.accepted', sample / 2);
      recorder.hop('command.total', sample + second);
    }
    recorder.fail(
      'refused',
      403,
      `a very long text that says why: ${'denied '.repeat(30)}<img src=x onerror=alert(1)>`,
    );
    recorder.note({ atMs: second * 1000, device: 'sim-1', text: 'reboot → done' });
    recorder.tick();
  }
  return recorder;
}

function resultOf(recorder: Recorder, assertions: readonly string[]): Bundle {
  const facts = {
    seed: 42,
    command: 'devicehive simulate run fleet.yaml --seed 42',
    plan: 'abc',
    planName: 'fleet.yaml',
    url: 'ws://127.0.0.1:1/dh/websocket',
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 30_000,
    devices: recorder.devices,
    shards: [0],
    shardCount: 1,
  };
  return judged(recorder.bundle(facts), assertions);
}

const failing = ['lost == 0', 'command.total.p99 < 10ms'];

/** Writes the page of a result and returns its address. */
function reportFile(bundle: Bundle = resultOf(recorded(), failing)): string {
  const file = join(folder, 'run.html');
  writeFileSync(file, reportPage(bundle));
  return pathToFileURL(file).href;
}

/** Returns the faults of a page: errors, requests to other places, content wider than the window. */
async function faultsOf(page: Page, url: string): Promise<string[]> {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin === 'null' ? url : new URL(url).origin))
      faults.push(request.url());
  });
  await page.goto(url, { waitUntil: 'load' });
  const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  if (Number(overflow) > 0) faults.push(`wider than the window by ${String(overflow)} px`);
  return faults;
}

/** Returns the contrast between an element's text and its background, as WCAG defines it. */
const contrastOf = `(selector) => {
  const channel = (value) => { const part = value / 255; return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4; };
  const luminance = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
  const element = document.querySelector(selector);
  let behind = element;
  while (behind && /rgba\\(0, 0, 0, 0\\)|transparent/.test(getComputedStyle(behind).backgroundColor)) behind = behind.parentElement;
  const style = getComputedStyle(element);
  const [one, other] = [luminance(element.tagName === 'text' ? style.fill : style.color), luminance(behind ? getComputedStyle(behind).backgroundColor : 'rgb(255,255,255)')];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}`;

const sections = ['Assertions', 'Latency', 'Ledger', 'Errors', 'Counters', 'Run it again'];

/** Tables that must be scrolled to be read. */
const cutTables = `[...document.querySelectorAll('.table')].filter((table) => table.scrollWidth > table.clientWidth).map((table) => table.innerText)`;

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, viewport] of Object.entries(sizes)) {
    describe(`the report page, ${colorScheme}, on a ${name}`, () => {
      it('shows all of it, stays within the window, asks for nothing, and can be read', async () => {
        const context = await browser.newContext({ colorScheme, viewport });
        const page = await context.newPage();
        assert.deepEqual(await faultsOf(page, reportFile()), []);
        assert.equal(await page.locator('.plot svg').count(), 5);
        assert.equal(await page.title(), 'FAILED: fleet.yaml');
        assert.match(
          (await page.locator('main').innerText()).replaceAll('\u00a0', ' '),
          /^FAILED fleet\.yaml\s+command\.total\.p99 \S+ ms, limit 10 ms\s+answered 100 % \(1,200 commands\)/,
        );
        assert.deepEqual(await page.locator('h2').allTextContents(), sections);
        assert.deepEqual(await page.evaluate(cutTables), []);
        assert.equal(await page.locator('img').count(), 0);
        for (const selector of [
          'h1',
          '.soft',
          '.tiles span',
          'td',
          'text.tick',
          '.legend li',
          '.verdict',
          '.reasons li',
        ])
          assert.ok(Number(await page.evaluate(`(${contrastOf})(${JSON.stringify(selector)})`)) >= 4.5, selector);
        await context.close();
      });
    });
  }
}

/** Opens a page on a desktop, does something with it, and closes it. */
async function withPage(url: string, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ colorScheme: 'light', viewport: sizes.desktop });
  const page = await context.newPage();
  await page.goto(url);
  await use(page).finally(() => context.close());
}

describe('the charts of a report', () => {
  it('tell their values to the pointer, and to the arrow keys', () =>
    withPage(reportFile(), async (page) => {
      const shown = page.locator('#latency-7 + span');
      assert.equal(await shown.isVisible(), false);
      await page.locator('label:has(#latency-7)').hover();
      assert.match((await shown.innerText()).replaceAll('\n', ' '), /^7 s p50 2\d\.?\d* ms p99 \d\d\.?\d* ms$/);
      await page.mouse.move(0, 0);
      await page.locator('#latency-0').focus();
      for (let step = 0; step < 7; step++) await page.keyboard.press('ArrowRight');
      assert.equal(await shown.isVisible(), true);
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.name'), 'rates');
    }));

  it('draw limits, powers of ten, whole devices, and keys that look as their lines do', () =>
    withPage(reportFile(resultOf(recorded(), [...failing, 'errors.rate < 2/s'])), async (page) => {
      const latency = page.locator('figure').first();
      assert.equal(await latency.locator('.plot .limit').count(), 1);
      assert.match((await latency.locator('.legend').textContent()) ?? '', /command\.total\.p99 < 10 ms/);
      const ticks = await latency.locator('.tick[text-anchor=end]').allTextContents();
      assert.deepEqual(ticks, ['1 ms', '10 ms', '100 ms']);
      const dashes = (selector: string) =>
        page.evaluate(
          `[...document.querySelectorAll('figure:first-of-type ${selector}')].map((line) => getComputedStyle(line).strokeDasharray)`,
        );
      assert.deepEqual(await dashes('.legend .curve'), await dashes('.plot .curve'));
      const devices = page.locator('figure', { hasText: 'Devices connected' });
      assert.deepEqual(await devices.locator('.tick[text-anchor=end]').allTextContents(), [
        '0',
        '10',
        '20',
        '30',
        '40',
        '50',
      ]);
      assert.equal(await page.locator('figure', { hasText: 'Errors' }).locator('.plot .limit').count(), 1);
    }));

  it('are left out where there is nothing to show', () => {
    const recorder = new Recorder();
    recorder.devices = 1;
    recorder.connected = 1;
    for (let second = 0; second < 3; second++) recorder.tick();
    return withPage(reportFile(resultOf(recorder, [])), async (page) => {
      assert.match(
        await page.locator('main').innerText(),
        /^FAILED fleet\.yaml\s+nothing was measured.*\s+0 of 1 devices were up/,
      );
      assert.deepEqual(await page.locator('figcaption').allTextContents(), ['Devices connected']);
      assert.deepEqual(await page.locator('.tick[text-anchor=end]').allTextContents(), ['0', '1']);
    });
  });

  it('are printed without what only a screen can show', () =>
    withPage(reportFile(), async (page) => {
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      assert.equal(await page.locator('.values').first().isVisible(), false);
      const ink = await page.evaluate('getComputedStyle(document.body).color');
      assert.equal(ink, 'rgb(27, 31, 36)');
    }));
});

const outline = {
  planName: 'fleet.yaml',
  url: 'ws://127.0.0.1:1/dh/websocket',
  devices: 50,
  plannedMs: 60_000,
  assertions: failing,
};

describe('the dashboard', () => {
  it('shows each change, and says when the run is over', async () => {
    const io = new FakeIo();
    const dashboard = await openDashboard(0, outline, io);
    const url = /http\S+/.exec(io.stderr)?.[0] ?? '';
    const context = await browser.newContext({ colorScheme: 'dark', viewport: sizes.phone });
    const page = await context.newPage();
    try {
      dashboard.update(recorded().snapshot());
      assert.deepEqual(await faultsOf(page, url), []);
      await page.locator('.tiles b', { hasText: '50' }).first().waitFor();
      dashboard.update({ ...recorded().snapshot(), connected: 31 });
      await page.locator('.tiles b', { hasText: /^31$/ }).waitFor();
      assert.equal(await page.locator('#state').textContent(), 'running');
      assert.match(await page.locator('#live').innerText(), /^30 s of 1 min\s+Assertions\s.*does not hold/s);
      assert.match(await page.locator('#live').innerText(), /command\.total\s+insert → last update/);
      dashboard.update({ ...recorded().snapshot(), atMs: 31_000 });
      await page.locator('#rates-1').focus();
      dashboard.update({ ...recorded().snapshot(), atMs: 32_000 });
      await page.locator('#live', { hasText: '32 s of 1 min' }).waitFor();
      assert.equal(await page.evaluate('document.activeElement.id'), 'rates-1');
      await dashboard.finish(resultOf(recorded(), failing));
      await page.locator('h1', { hasText: 'FAILED' }).waitFor();
      assert.deepEqual(await page.locator('h2').allTextContents(), sections);
      assert.equal(await page.title(), 'FAILED: fleet.yaml');
      const [report] = await Promise.all([context.waitForEvent('page'), page.locator('#report').click()]);
      await report.locator('h2', { hasText: 'Latency' }).waitFor();
      assert.equal(await report.title(), 'FAILED: fleet.yaml');
    } finally {
      await context.close();
      await dashboard.finish();
    }
  });
});
