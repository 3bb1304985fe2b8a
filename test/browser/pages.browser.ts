import assert from 'node:assert/strict';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { openDashboard } from '../../src/cli/commands/simulate/run/dashboard.ts';
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

function reportFile(): string {
  const facts = {
    seed: 42,
    command: 'devicehive simulate run fleet.yaml --seed 42',
    plan: 'abc',
    url: 'ws://127.0.0.1:1/dh/websocket',
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 30_000,
    devices: 50,
    shards: [0],
    shardCount: 1,
  };
  const file = join(folder, 'run.html');
  writeFileSync(file, reportPage(judged(recorded().bundle(facts), ['lost == 0', 'command.total.p99 < 1ms'])));
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

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, viewport] of Object.entries(sizes)) {
    describe(`the report page, ${colorScheme}, on a ${name}`, () => {
      it('shows all of it, stays within the window, asks for nothing, and can be read', async () => {
        const context = await browser.newContext({ colorScheme, viewport });
        const page = await context.newPage();
        assert.deepEqual(await faultsOf(page, reportFile()), []);
        assert.equal(await page.locator('figure svg').count(), 5);
        assert.equal(await page.locator('.verdict').textContent(), 'an assertion does not hold');
        assert.equal(await page.locator('img').count(), 0);
        for (const selector of ['h1', '.soft', '.tiles span', 'td', 'text.tick', '.legend li', '.verdict'])
          assert.ok(Number(await page.evaluate(`(${contrastOf})(${JSON.stringify(selector)})`)) >= 4.5, selector);
        await context.close();
      });
    });
  }
}

describe('the dashboard', () => {
  it('shows each change, and says when the run is over', async () => {
    const io = new FakeIo();
    const dashboard = await openDashboard(0, io);
    const url = /http\S+/.exec(io.stderr)?.[0] ?? '';
    const context = await browser.newContext({ colorScheme: 'dark', viewport: sizes.phone });
    const page = await context.newPage();
    try {
      dashboard.update(recorded().snapshot());
      assert.deepEqual(await faultsOf(page, url), []);
      await page.locator('.tiles b', { hasText: '50' }).first().waitFor();
      dashboard.update({ ...recorded().snapshot(), connected: 31 });
      await page.locator('.tiles b', { hasText: /^31$/ }).waitFor();
      assert.equal(await page.locator('figure svg').count(), 4);
      assert.equal(await page.locator('#state').textContent(), 'running');
      await dashboard.finish();
      await page.locator('#state', { hasText: 'over' }).waitFor();
    } finally {
      await context.close();
      await dashboard.finish();
    }
  });
});
