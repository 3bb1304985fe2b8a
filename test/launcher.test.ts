import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { bin, Home, type Ended } from './helpers/cli.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const dryRun = 'command update --device d1 --id 42 --status done --dry-run'.split(' ');

let count = 0;

/** A cache folder for one test. */
class Cache {
  readonly base = join(home.folder, `cache-${count++}`);
  readonly folder = join(this.base, 'devicehive');

  /** Runs a command without coverage, which would switch the cache off. */
  async end(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return home.run(args, { env: { XDG_CACHE_HOME: this.base, NODE_V8_COVERAGE: undefined, ...env } });
  }

  /** Runs a command that must succeed. */
  async run(env: NodeJS.ProcessEnv = {}, args: readonly string[] = dryRun): Promise<void> {
    const ended = await this.end(args, env);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.stderr, '');
    assert.match(ended.stdout, /^\{"action":"command\/update","requestId":1,"deviceId":"d1"/);
  }

  get files(): string[] {
    return readdirSync(this.folder).map((name) => join(this.folder, name));
  }

  /** The one file of the one command that ran. */
  get file(): string {
    const [only, ...others] = this.files;
    assert.ok(only !== undefined && others.length === 0, `one cache file, not ${this.files.length}`);
    return only;
  }
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

/** Returns a value that changes when a file is replaced or written. */
function identity(path: string): string {
  const { ino, mtimeNs, size } = statSync(path, { bigint: true });
  return `${ino} ${mtimeNs} ${size}`;
}

describe('the program in dist', () => {
  it('is a script for node, without flags for it', () => {
    const [first] = readFileSync(bin, 'utf8').split('\n', 1);
    assert.equal(first, '#!/usr/bin/env node');
    assert.equal(mode(bin), '755');
  });

  it('is what package.json names for both commands', () => {
    const file = new URL('../package.json', import.meta.url);
    const { bin: names } = JSON.parse(readFileSync(file, 'utf8')) as { bin: Record<string, string> };
    assert.deepEqual(names, { devicehive: 'dist/devicehive.cjs', dh: 'dist/devicehive.cjs' });
  });
});

describe('the cache of compiled code', () => {
  it('is written at the first run, for its user only', async () => {
    const cache = new Cache();
    await cache.run();
    assert.equal(mode(cache.folder), '700');
    assert.equal(mode(cache.file), '600');
    assert.ok(statSync(cache.file).size > 10_000);
  });

  it('is used as it is at the second run', async () => {
    const cache = new Cache();
    await cache.run();
    const before = identity(cache.file);
    await cache.run();
    assert.equal(identity(cache.file), before);
  });

  it('is used at the second run of a long batch too, which changes settings of V8', async () => {
    const cache = new Cache();
    const file = join(home.folder, 'long.ndjson');
    const line = '{"action":"command/update","deviceId":"d1","commandId":42,"command":{"status":"done"}}\n';
    writeFileSync(file, line.repeat(5000));
    const runBatch = async () => {
      const ended = await cache.end(['batch', file, '--dry-run', '-q']);
      assert.equal(ended.stdout.split('\n').length, 5001, ended.stderr);
    };
    await runBatch();
    const before = identity(cache.file);
    await runBatch();
    assert.equal(identity(cache.file), before);
  });

  it('is written again, once, when a first run found a mistake in its flags', async () => {
    const cache = new Cache();
    const mistaken = dryRun.map((word, index) => (dryRun[index - 1] === '--id' ? '0' : word));
    assert.equal((await cache.end(mistaken)).code, 3);
    const poor = identity(cache.file);
    await cache.run();
    const rich = identity(cache.file);
    assert.notEqual(rich, poor);
    await cache.run();
    assert.equal((await cache.end(mistaken)).code, 3);
    assert.equal(identity(cache.file), rich);
  });

  it('is written again, once, when a first run needed less of the program', async () => {
    const cache = new Cache();
    const nobodyThere = [...dryRun.slice(0, -1), '--url', 'ws://127.0.0.1:1', '--token', 'abc'];
    await cache.run();
    const poor = identity(cache.file);
    assert.equal((await cache.end(nobodyThere)).code, 5);
    const rich = identity(cache.file);
    assert.notEqual(rich, poor);
    assert.equal((await cache.end(nobodyThere)).code, 5);
    await cache.run();
    assert.equal(identity(cache.file), rich);
  });

  it('leaves nothing else behind', async () => {
    const cache = new Cache();
    await Promise.all([cache.run(), cache.run(), cache.run()]);
    assert.equal(cache.files.length, 1);
    assert.doesNotMatch(cache.file, /\.\d+$/);
  });

  it('is in ~/.cache unless another place is named', async () => {
    const cache = new Cache();
    await cache.run({ XDG_CACHE_HOME: undefined, HOME: cache.base });
    assert.equal(readdirSync(join(cache.base, '.cache/devicehive')).length, 1);
  });

  it('is one for each command', async () => {
    const cache = new Cache();
    await cache.run();
    await cache.run({}, [...dryRun, '--embedded']);
    assert.equal(cache.files.length, 2);
  });
});

describe('an unusable cache', () => {
  const damages: readonly (readonly [string, (file: string) => void])[] = [
    ['empty', (file) => truncateSync(file, 0)],
    ['cut in half', (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['cut by a byte', (file) => truncateSync(file, statSync(file).size - 1)],
    [
      'without its first line',
      (file) => writeFileSync(file, readFileSync(file).subarray(readFileSync(file).indexOf(10) + 1)),
    ],
    ['without its second line', (file) => writeFileSync(file, withoutHistory(file))],
    ['text', (file) => writeFileSync(file, 'no cache at all\n')],
    ['one long line', (file) => writeFileSync(file, 'x'.repeat(100_000))],
    [
      'a header without content',
      (file) => writeFileSync(file, readFileSync(file).subarray(0, readFileSync(file).indexOf(10) + 1)),
    ],
    [
      'a header with odd lengths',
      (file) =>
        writeFileSync(
          file,
          replaceHeader(file, (line) => line.replace(/ \d+/g, ' -7')),
        ),
    ],
    ['of nothing but zeros', (file) => writeFileSync(file, blanked(file))],
    ['with a block of zeros in the middle', (file) => writeFileSync(file, holed(file))],
  ];

  for (const [what, damage] of damages) {
    it(`is ignored and replaced: ${what}`, async () => {
      const cache = new Cache();
      await cache.run();
      const { size } = statSync(cache.file);
      damage(cache.file);
      const damaged = readFileSync(cache.file);
      await cache.run();
      assert.notDeepEqual(readFileSync(cache.file), damaged);
      assert.ok(statSync(cache.file).size > size / 2);
      assert.equal(mode(cache.file), '600');
    });
  }

  for (const open of [0o666, 0o660, 0o622]) {
    it(`is not used where others can write it: ${open.toString(8)}`, async () => {
      const cache = new Cache();
      await cache.run();
      chmodSync(cache.file, open);
      const before = identity(cache.file);
      await cache.run();
      assert.notEqual(identity(cache.file), before);
      assert.equal(mode(cache.file), '600');
    });
  }

  it('is not written into a folder that others can write', async () => {
    const cache = new Cache();
    mkdirSync(cache.folder, { recursive: true });
    chmodSync(cache.folder, 0o777);
    await cache.run();
    assert.deepEqual(cache.files, []);
  });

  it('is not written through a link', async () => {
    const cache = new Cache();
    const elsewhere = join(home.folder, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o777 });
    mkdirSync(cache.base);
    symlinkSync(elsewhere, cache.folder);
    await cache.run();
    assert.deepEqual(readdirSync(elsewhere), []);
  });
});

describe('a command without a place for its cache', () => {
  it('works where the cache folder is a file', async () => {
    const cache = new Cache();
    writeFileSync(cache.base, '');
    await cache.run();
  });

  it('works where the home is missing and cannot be made', async () => {
    await new Cache().run({ XDG_CACHE_HOME: undefined, HOME: '/dev/null/nobody' });
  });

  it('works without HOME', async () => {
    await new Cache().run({ XDG_CACHE_HOME: undefined, HOME: undefined });
  });

  it('works with an empty HOME and an empty XDG_CACHE_HOME, and writes nothing', async () => {
    const cache = new Cache();
    await cache.run({ XDG_CACHE_HOME: '', HOME: '' });
    assert.deepEqual(readdirSync(home.work), []);
  });
});

/** Replaces the first line of the cache. */
function replaceHeader(file: string, change: (line: string) => string): Buffer {
  const content = readFileSync(file);
  const end = content.indexOf(10);
  return Buffer.concat([Buffer.from(change(content.toString('latin1', 0, end))), content.subarray(end)]);
}

/** Returns the cache without the line about earlier runs. */
function withoutHistory(file: string): Buffer {
  const content = readFileSync(file);
  const end = content.indexOf(10) + 1;
  return Buffer.concat([content.subarray(0, end), content.subarray(content.indexOf(10, end) + 1)]);
}

/** Returns the cache with its header, but with zeros as compiled code. */
function blanked(file: string): Buffer {
  const content = readFileSync(file);
  return content.fill(0, content.indexOf(10) + 1);
}

/** Returns the cache as a disk may leave it after a power failure: with a block that was never written. */
function holed(file: string): Buffer {
  const content = readFileSync(file);
  const middle = Math.floor(content.length / 2);
  return content.fill(0, middle, middle + 4096);
}
