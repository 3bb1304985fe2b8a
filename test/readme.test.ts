import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, type Connection } from '../src/client/index.ts';
import { bin, ended, Home, type Ended } from './helpers/cli.ts';
import { shellBlocks } from './helpers/shellLines.ts';

/**
 * Runs the README and the topics of help as their readers do: every block marked as shell, unchanged, in order, in one
 * folder of a machine that has nothing but `devicehive` installed. Blocks that cannot run there are listed here by
 * their beginning, with the reason.
 */
const exceptions: readonly (readonly [start: string, reason: string])[] = [
  ['npm ci && npx devicehive', 'installs everything; continuous integration runs it'],
  ['npm ci && npm test', 'installs everything; continuous integration runs it'],
  ['npm i -g .', 'installs for the whole machine; test/e2e/package installs the package elsewhere'],
  ['devicehive auth login --url wss://hive.example.com', 'needs a server on the internet, and a person'],
  ['devicehive server verify wss://hive.example.com', 'needs a server on the internet'],
  ['devicehive context add lab', 'needs servers elsewhere, and a person'],
  ['devicehive simulate run fleet.yaml --for 30s', 'takes minutes; test/e2e/simulateRun.test.ts plays shorter ones'],
  ['devicehive server start --port 8080', 'takes a port that may be in use here'],
];

/** Lines that run until they are stopped; the test presses Ctrl-C once they have printed something. */
const untilStopped = /^devicehive (server start|(command|notification) watch)\b(?!.*(--count|--for|&$))/;

/** The README, and the topics in an order in which files are made before they are used. */
const documents = [
  '../README.md',
  ...['concepts', 'ci', 'watching', 'batches', 'recordings', 'output', 'terminal', 'simulation', 'generators'],
  ...['kubernetes', 'test-server', 'rest', 'seeds', 'library', 'configuration', 'exit-codes', 'troubleshooting'],
  'common-options',
].map((name) => ({ name, text: readDocument(name) }));
const readme = documents.map(({ text }) => text).join('\n');
const blocks = [...new Set(shellBlocks(readme))];

function readDocument(name: string): string {
  const file = name.endsWith('.md') ? name : `../src/cli/commands/help/topics/${name}.md`;
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}
const home = new Home();
const programs = join(home.folder, 'programs');
const env = home.env({ PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}` });
let server: { readonly child: ChildProcess; readonly end: Promise<Ended> } | undefined;
let company: Connection | undefined;
let pace: NodeJS.Timeout | undefined;

/** Running shells; none outlives the tests. */
const shells = new Set<ChildProcess>();
process.once('exit', () => shells.forEach((child) => stop(child, 'SIGKILL')));

before(async () => {
  mkdirSync(programs);
  for (const name of ['devicehive', 'dh']) symlinkSync(bin, join(programs, name));
  writeFileSync(join(home.work, 'package.json'), JSON.stringify({ scripts: { test: 'devicehive device count' } }));
  writeFileSync(join(home.work, 'open-door.sh'), '#!/bin/sh\necho \'{"opened":true}\'\n', { mode: 0o755 });
  // Files in the README have their names in their first lines.
  for (const [, name = '', text = ''] of readme.matchAll(/^```yaml\n(?=# (\S+\.yaml)\b)(.*?)^```/gms))
    writeFileSync(join(home.work, name), text);
  // The README's first terminal.
  const child = shell('devicehive server start');
  server = { child, end: ended(child) };
  await run('devicehive server status --wait 30s');
  await keepCompany();
});
after(async () => {
  clearInterval(pace);
  await company?.close();
  if (server !== undefined) {
    stop(server.child, 'SIGINT');
    await server.end;
  }
  home[Symbol.dispose]();
});

/**
 * Plays the other parties: a device door-7 that executes commands and measures, and an operator who sends it commands.
 */
async function keepCompany(): Promise<void> {
  const { stdout } = await run('cat "$XDG_RUNTIME_DIR"/devicehive/server-*.json');
  const { url, accessToken } = JSON.parse(stdout) as { url: string; accessToken: string };
  const others = (company = await connect({ url, credentials: { accessToken } }));
  await others.request('device/save', { deviceId: 'door-7', device: { name: 'Door', networkId: 1, deviceTypeId: 1 } });
  const commands = await others.subscribe('command/subscribe', { deviceId: 'door-7' });
  void (async () => {
    for await (const { command } of commands) {
      const update = { deviceId: 'door-7', commandId: (command as { id: number }).id, command: { status: 'done' } };
      await others.request('command/update', update).catch(() => undefined);
    }
  })();
  pace = setInterval(() => {
    const parameters = { wing: 'left', value: 31 };
    void others
      .request('command/insert', { deviceId: 'door-7', command: { command: 'open', parameters } })
      .catch(() => undefined);
    const notification = { notification: 'temperature', parameters };
    void others.request('notification/insert', { deviceId: 'door-7', notification }).catch(() => undefined);
  }, 200);
}

function shell(script: string): ChildProcess {
  const options = { cwd: home.work, env, detached: true };
  const child = spawn('sh', ['-e', '-c', script], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  shells.add(child);
  child.once('close', () => shells.delete(child));
  return child;
}

/** Runs a script to its end, and stops everything that it leaves behind. */
async function run(script: string): Promise<Ended> {
  const child = shell(script);
  child.once('exit', () => stop(child, 'SIGTERM'));
  const whole = await ended(child);
  assert.equal(whole.code, 0, `${script}\n${whole.stdout}\n${whole.stderr}`);
  return whole;
}

/** Runs a line until it has printed something. */
async function runUntilStopped(line: string): Promise<void> {
  const child = shell(line);
  const whole = ended(child);
  const spoken = new Promise((resolve) => {
    child.stdout?.once('data', resolve);
    child.stderr?.once('data', resolve);
  });
  await Promise.race([spoken, whole]);
  stop(child, 'SIGINT');
  const { code, signal, stdout, stderr } = await whole;
  assert.ok(code === 0 || code === 130 || signal === 'SIGINT', `${line}\n${code}\n${stdout}\n${stderr}`);
}

/** Signals a shell and everything that it started. */
function stop({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(pid ?? 0), signal);
  } catch {
    // nothing is left
  }
}

/** Splits a block: each line that runs until it is stopped becomes a piece. */
function piecesOf(block: string): string[] {
  const pieces = [''];
  for (const line of block.split('\n')) {
    if (untilStopped.test(line)) pieces.push(line, '');
    else pieces.push(`${pieces.pop() ?? ''}${line}\n`);
  }
  return pieces.filter((piece) => piece.trim() !== '');
}

/** Runs a script that the README shows; its second line has its name and how it is run. */
async function runScript(block: string): Promise<void> {
  const [, name = '', how = ''] = /^# (\S+), run by: (.*)$/m.exec(block) ?? assert.fail(`no name in\n${block}`);
  writeFileSync(join(home.work, name), block, { mode: 0o755 });
  await run(how);
}

describe('README and topics can be followed', () => {
  it('and all of them are run', () => {
    const folder = new URL('../src/cli/commands/help/topics', import.meta.url);
    const files = readdirSync(folder).filter((file) => file.endsWith('.md'));
    assert.deepEqual(
      documents
        .slice(1)
        .map(({ name }) => `${name}.md`)
        .sort(),
      files.sort(),
    );
  });

  for (const block of blocks) {
    if (exceptions.some(([start]) => block.startsWith(start))) continue;
    it(block.split('\n').find((line) => !line.startsWith('#')) ?? '', async () => {
      if (block.startsWith('#!')) return runScript(block);
      for (const piece of piecesOf(block)) await (untilStopped.test(piece) ? runUntilStopped(piece) : run(piece));
    });
  }

  it('but for what stands in the list of exceptions, all of which are in it', () => {
    for (const [start, reason] of exceptions) {
      assert.equal(blocks.filter((block) => block.startsWith(start)).length, 1, start);
      assert.ok(reason.length > 10, start);
    }
    assert.ok(blocks.length - exceptions.length >= 15, `${blocks.length} blocks`);
  });
});
