import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import Database from 'libsql';
import type { Failure } from '../../../src/errors.ts';
import { startServer } from '../../../src/server/index.ts';
import type { LogEntry } from '../../../src/server/log.ts';
import { Pipelining } from '../../helpers/pipelining.ts';
import { starting } from '../starting.ts';

const folder = mkdtempSync(join(tmpdir(), 'devicehive-refused-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The file of a server that was stopped. */
const whole = join(folder, 'whole.db');
/** The file of a server that was killed, with the files beside it. */
const killed = join(folder, 'killed.db');

before(async () => {
  await saving(whole, 100);
  const running = join(folder, 'running.db');
  copyFileSync(whole, running);
  // copied by another process, because closing a file releases the locks that this process has on it
  const copy = () => {
    for (const end of ['', '-wal']) execFileSync('cp', [`${running}${end}`, `${killed}${end}`]);
  };
  await saving(running, 1, copy);
});

/** Runs a server on a file and saves devices. */
async function saving(data: string, devices: number, then: () => void = () => undefined): Promise<void> {
  await using server = await startServer({ data });
  const client = await Pipelining.open(server);
  for (let count = 0; count < devices; count++) {
    const device = { name: 'a', data: { text: 'x'.repeat(200) } };
    await client.done('device/save', { deviceId: `d-${count}`, device });
  }
  then();
}

function sql(file: string, text: string): void {
  const database = new Database(file);
  database.exec(text);
  database.close();
}

function damaged(from: string, to: string, damage: (bytes: Buffer) => Buffer): void {
  writeFileSync(to, damage(readFileSync(from)));
}

/** Returns every file in a folder, byte for byte. */
function snapshot(place: string): Record<string, string> {
  const files = readdirSync(place, { withFileTypes: true });
  return Object.fromEntries(
    files.map((entry) => [entry.name, entry.isFile() ? readFileSync(join(place, entry.name)).toString('base64') : '']),
  );
}

const wrong: readonly {
  readonly what: string;
  readonly make: (file: string) => void;
  readonly says: RegExp;
}[] = [
  { what: 'a text file', make: (file) => writeFileSync(file, 'name,value\n'.repeat(1000)), says: /not a SQLite file/ },
  { what: 'a short text file', make: (file) => writeFileSync(file, 'hello'), says: /damaged|not a SQLite file/ },
  {
    what: 'half a file',
    make: (file) => damaged(whole, file, (bytes) => bytes.subarray(0, bytes.length / 2)),
    says: /damaged/,
  },
  {
    what: 'a file that ends within a page',
    make: (file) => damaged(whole, file, (bytes) => bytes.subarray(0, -1000)),
    says: /damaged/,
  },
  {
    what: 'a file with a page of rubbish',
    make: (file) => damaged(whole, file, (bytes) => bytes.fill(0xa5, bytes.length - 8192, bytes.length - 4096)),
    says: /damaged/,
  },
  {
    what: 'a file whose first page is rubbish',
    make: (file) => damaged(whole, file, (bytes) => bytes.fill(0xa5, 100, 4096)),
    says: /damaged/,
  },
  {
    what: 'a damaged file with what a crash left beside it',
    make: (file) => {
      copyFileSync(`${killed}-wal`, `${file}-wal`);
      damaged(killed, file, (bytes) => bytes.fill(0xa5, 4096, 12_288));
    },
    says: /damaged/,
  },
  {
    what: 'a file with data that is no JSON',
    make: (file) => {
      copyFileSync(whole, file);
      sql(file, `UPDATE device SET data = 'no json' WHERE id = 'd-7'`);
    },
    says: /damaged/,
  },
  {
    what: 'a file without one of its tables',
    make: (file) => {
      copyFileSync(whole, file);
      sql(file, 'DROP TABLE configuration');
    },
    says: /damaged/,
  },
  {
    what: 'a file of a newer version',
    make: (file) => {
      copyFileSync(whole, file);
      sql(file, 'PRAGMA user_version = 2');
    },
    says: /newer version/,
  },
  {
    what: "another program's file",
    make: (file) => sql(file, 'CREATE TABLE device (id TEXT); INSERT INTO device VALUES (1)'),
    says: /another program/,
  },
  {
    what: "another program's file in WAL mode",
    make: (file) => sql(file, 'PRAGMA journal_mode = WAL; CREATE TABLE device (id TEXT)'),
    says: /another program/,
  },
  { what: 'a folder', make: (file) => mkdirSync(file), says: /folder/ },
  { what: 'a pipe', make: (file) => execFileSync('mkfifo', [file]), says: /not a regular file/ },
  { what: 'a link that leads nowhere', make: (file) => symlinkSync('nowhere', file), says: /link/ },
];

describe('a file that cannot be used', { concurrency: 2 }, () => {
  for (const [index, { what, make, says }] of wrong.entries()) {
    it(`is refused and left alone: ${what}`, async () => {
      const place = join(folder, `wrong-${index}`);
      mkdirSync(place);
      const data = join(place, 'hive.db');
      make(data);
      const content = snapshot(place);
      for (let time = 0; time < 2; time++) {
        await assert.rejects(starting({ data }), (error: Failure) => {
          assert.equal(error.kind, 'usage', error.stack);
          assert.match(error.message, says);
          assert.ok(error.message.includes(data), error.message);
          return true;
        });
        assert.deepEqual(snapshot(place), content);
      }
    });
  }

  it('is refused where its folder does not exist, or is not a folder', async () => {
    await assert.rejects(starting({ data: join(folder, 'missing', 'hive.db') }), /missing does not exist/);
    await assert.rejects(starting({ data: join(whole, 'hive.db') }), /not a folder/);
  });

  it('is refused while another server uses it, which is not disturbed', async () => {
    const data = join(folder, 'shared.db');
    await using server = await startServer({ data });
    const client = await Pipelining.open(server);
    for (let time = 0; time < 3; time++) {
      await assert.rejects(starting({ data }), /another server or program uses it/);
      await client.done('network/insert', { network: { name: `n-${time}` } });
    }
    await server.close();
    await using again = await startServer({ data });
    const { count } = await (await Pipelining.open(again)).done('network/count');
    assert.equal(count, 4);
  });

  it('is made by one of many servers that start at once; the others are refused', async () => {
    const data = join(folder, 'raced.db');
    const starts = await Promise.allSettled(Array.from({ length: 5 }, () => startServer({ data })));
    const running = starts.filter((start) => start.status === 'fulfilled').map(({ value }) => value);
    const server = running[0] ?? assert.fail('none has started');
    await (await Pipelining.open(server)).done('network/insert', { network: { name: 'n' } });
    await Promise.all(running.map((one) => one.close()));
    assert.equal(running.length, 1);
    for (const start of starts) if (start.status === 'rejected') assert.match(String(start.reason), /another server/);
    await using again = await startServer({ data });
    assert.equal((await (await Pipelining.open(again)).done('network/count'))['count'], 2);
  });

  it('is not made where the server cannot start', async () => {
    const data = join(folder, 'unmade.db');
    await assert.rejects(starting({ data, host: '0.0.0.0' }), /would let others in/);
    assert.equal(existsSync(data), false);
  });
});

describe('a file that can be used', () => {
  it('is what a killed server leaves, again and again', async () => {
    for (let time = 0; time < 2; time++) {
      await using server = await startServer({ data: killed });
      assert.equal((await (await Pipelining.open(server)).done('device/count'))['count'], 101);
    }
    assert.equal(existsSync(`${killed}-wal`), false);
  });

  it('is an empty one, which keeps its mode', async () => {
    const data = join(folder, 'empty.db');
    writeFileSync(data, '', { mode: 0o640 });
    chmodSync(data, 0o640);
    const entries: LogEntry[] = [];
    await (await startServer({ data, log: (entry) => entries.push(entry) })).close();
    assert.equal(statSync(data).mode & 0o777, 0o640);
    assert.match(entries[0]?.message ?? '', /others can read .*chmod 600/);
    const quiet: LogEntry[] = [];
    chmodSync(data, 0o600);
    await (await startServer({ data, log: (entry) => quiet.push(entry) })).close();
    assert.deepEqual(quiet, []);
  });

  it('is reached through a link', async () => {
    const link = join(folder, 'link.db');
    symlinkSync('behind.db', link);
    writeFileSync(join(folder, 'behind.db'), '');
    await (await startServer({ data: link })).close();
    assert.ok(statSync(join(folder, 'behind.db')).size > 0);
    assert.equal(existsSync(`${link}-wal`), false);
  });

  it('has a name of any letters', async () => {
    const data = join(folder, 'a?mode=ro#%41 é✓.db');
    for (let time = 0; time < 2; time++) await (await startServer({ data })).close();
    assert.ok(existsSync(data));
  });
});
