import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { chromium, type Browser, type Page } from 'playwright-core';
import { embeddedServer } from '../helpers/embeddedServer.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Site names that lead to this machine: a stranger's, and one that is let in. */
const rules = 'MAP *.example 127.0.0.1';

let browser: Browser;
/** Serves an empty page under any name. */
const site = createServer((_request, response) => response.end('<!doctype html><title>a page</title>'));

before(async () => {
  await new Promise<void>((resolve) => void site.listen(0, '127.0.0.1', resolve));
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];
  browser = await chromium.launch({ executablePath, args: [...args, `--host-resolver-rules=${rules}`] });
});

after(async () => {
  await browser.close();
  site.closeAllConnections();
  site.close();
});

/** Returns what a page of a host can read from a server at this address, over REST and over a WebSocket. */
async function loot(page: Page, host: string, address: string): Promise<string> {
  await page.goto(`http://${host}:${(site.address() as AddressInfo).port}/`);
  const attempt = `(async () => {
    const body = JSON.stringify({ login: 'dhadmin', password: 'dhadmin_#911' });
    const headers = { 'Content-Type': 'application/json' };
    const rest = await fetch('http://${address}/auth/rest/token', { method: 'POST', body, headers }).then(
      async (response) => (await response.text()).includes('accessToken'),
      () => false,
    );
    const socket = new WebSocket('ws://${address}/dh/websocket');
    const opened = await new Promise((resolve) => {
      socket.onopen = () => resolve(true);
      socket.onerror = () => resolve(false);
    });
    return 'REST ' + rest + ', WebSocket ' + opened;
  })()`;
  return String(await page.evaluate(attempt));
}

describe('a page that somebody visits while a server runs', () => {
  it('gets nothing, neither under the name of this machine nor under its own', async () => {
    await using server = await embeddedServer();
    const page = await browser.newPage();
    for (const address of [`127.0.0.1:${server.port}`, `localhost:${server.port}`, `evil.example:${server.port}`])
      assert.equal(await loot(page, 'evil.example', address), 'REST false, WebSocket false', address);
    await page.close();
  });

  it('works from another port of this machine, and from where it is let in', async () => {
    const port = (site.address() as AddressInfo).port;
    await using server = await embeddedServer({ allowOrigins: [`http://console.example:${port}`] });
    const page = await browser.newPage();
    for (const host of ['localhost', '127.0.0.1', 'console.example'])
      assert.equal(await loot(page, host, `127.0.0.1:${server.port}`), 'REST true, WebSocket true', host);
    await page.close();
  });
});
