import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { spawn } from '@lydell/node-pty';
import headless from '@xterm/headless';
import { chromium } from 'playwright-core';
import { bin, Home } from '../helpers/cli.ts';

/**
 * `npm run pictures`: makes the README's pictures, light and dark, from a run of the plan in the topic on simulation:
 * the live view in a terminal of 100 columns, and the page of its report.
 */
const topics = new URL('../../src/cli/commands/help/topics/', import.meta.url);
const folder = new URL('pictures/', topics);
const size = { cols: 100, rows: 24 };
const seconds = 20;
const palette = ['fg', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'fg', 'dim'];

using home = new Home();
const topic = readFileSync(new URL('simulation.md', topics), 'utf8');
const [, plan = ''] = /^```yaml\n(# fleet\.yaml\n.*?)^```/ms.exec(topic) ?? [];
writeFileSync(join(home.work, 'fleet.yaml'), plan);
const screen = await liveView();
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1000, height: 800 } });
    await page.setContent(terminalPage(screen));
    await page.locator('pre').screenshot({ path: file(`live-${colorScheme}`) });
    await page.goto(pathToFileURL(join(home.work, 'run.html')).href);
    await page.screenshot({ path: file(`report-${colorScheme}`) });
    await page.close();
  }
} finally {
  await browser.close();
}

function file(name: string): string {
  return new URL(`${name}.png`, folder).pathname;
}

/** Plays the plan in a terminal. Returns the screen shortly before the end, as HTML. */
async function liveView(): Promise<string> {
  const terminal = new headless.Terminal({ ...size, allowProposedApi: true });
  const words = ['simulate', 'run', 'fleet.yaml', '--embedded', '--for', `${seconds}s`, '--report', 'run.html'];
  const env = { ...home.env({}), TERM: 'xterm-256color', CI: '', FORCE_COLOR: '1' };
  const pty = spawn(process.execPath, [bin, ...words], { ...size, cwd: home.work, env });
  pty.onData((text) => {
    terminal.write(text);
  });
  const ended = new Promise((resolve) => pty.onExit(resolve));
  await pause((seconds - 3) * 1000);
  const shown = screenOf(terminal);
  await ended;
  return shown;
}

/** The lines of a screen as HTML; colours become classes. */
function screenOf(terminal: headless.Terminal): string {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: size.rows }, (_, row) => {
    const line = active.getLine(active.viewportY + row);
    return Array.from({ length: size.cols }, (__, column) => {
      const cell = line?.getCell(column);
      const text = (cell?.getChars() ?? '') || ' ';
      const colour = cell?.isFgPalette() ? palette[cell.getFgColor()] : undefined;
      const classes = [colour, cell?.isBold() ? 'bold' : '', cell?.isDim() ? 'dim' : ''].filter(Boolean).join(' ');
      const safe = text.replace(/[&<]/g, (letter) => `&#${letter.charCodeAt(0)};`);
      return classes === '' ? safe : `<span class="${classes}">${safe}</span>`;
    })
      .join('')
      .trimEnd();
  });
  return lines.join('\n').trim();
}

function terminalPage(lines: string): string {
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; background: transparent }
    pre { display: inline-block; margin: 0; padding: 14px 18px; font: 14px/1.35 'DejaVu Sans Mono', monospace; background: #fff; color: #1f2328 }
    .bold { font-weight: bold } .dim { opacity: .6 }
    .red { color: #cf222e } .green { color: #1a7f37 } .yellow { color: #9a6700 } .blue { color: #0969da } .magenta { color: #8250df } .cyan { color: #1b7c83 }
    @media (prefers-color-scheme: dark) {
      pre { background: #0d1117; color: #e6edf3 }
      .red { color: #ff7b72 } .green { color: #3fb950 } .yellow { color: #d29922 } .blue { color: #58a6ff } .magenta { color: #bc8cff } .cyan { color: #39c5cf }
    }</style><pre>${lines}</pre>`;
}
