import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { flagsOf, type Flag } from '../../../src/cli/flags/flags.ts';
import { parseJsonExactly, readJson, readValue, readValues } from '../../../src/cli/flags/values.ts';
import { Failure } from '../../../src/errors.ts';
import type { JsonSchema } from '../../../src/protocol/schema.ts';
import { FakeIo } from '../fakeIo.ts';

const folder = mkdtempSync(join(tmpdir(), 'devicehive-values-'));
after(() => rmSync(folder, { recursive: true }));

function flag(schema: JsonSchema): Flag {
  const [only] = flagsOf({ properties: { x: schema } });
  assert.ok(only);
  return only;
}

async function read(type: string, text: string): Promise<unknown> {
  return readValue(flag({ type }), text, new FakeIo());
}

function refuses(promise: Promise<unknown>, message: RegExp): Promise<void> {
  return assert.rejects(promise, (error) => error instanceof Failure && message.test(error.message));
}

describe('an integer', () => {
  const good: readonly (readonly [string, number])[] = [
    ['42', 42],
    ['0', 0],
    ['-7', -7],
    ['+7', 7],
    ['007', 7],
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
  ];
  for (const [text, value] of good) {
    it(`is read from '${text}'`, async () => {
      assert.equal(await read('integer', text), value);
    });
  }

  for (const text of ['', ' ', 'abc', '1.5', '1.0', '1e3', '0x10', '1_000', '1,000', 'NaN', 'Infinity', '٤٢', '--1']) {
    it(`is not read from '${text}'`, () => refuses(read('integer', text), /^must be an integer, not '/));
  }

  for (const text of ['9007199254740992', '-9007199254740993', '123456789012345678901234567890']) {
    it(`is refused beyond 2^53: ${text}`, () => refuses(read('integer', text), /2\^53 - 1/));
  }
});

describe('a number', () => {
  it('is read with a fraction or an exponent', async () => {
    assert.equal(await read('number', '1.5'), 1.5);
    assert.equal(await read('number', '-2e3'), -2000);
  });

  for (const text of ['', 'abc', 'NaN', 'Infinity', '1,5']) {
    it(`is not read from '${text}'`, () => refuses(read('number', text), /^must be a number, not '/));
  }
});

describe('a boolean', () => {
  it('is true or false', async () => {
    assert.equal(await read('boolean', 'true'), true);
    assert.equal(await read('boolean', 'false'), false);
    assert.equal(await readValue(flag({ type: 'boolean' }), true, new FakeIo()), true);
  });

  for (const text of ['', 'yes', '1', 'TRUE']) {
    it(`is not read from '${text}'`, () => refuses(read('boolean', text), /^must be true or false, not '/));
  }
});

describe('a text', () => {
  for (const text of ['', '@file', '-', '{"a":1}', '42', ' spaces ', 'ünïcode 😀']) {
    it(`is taken as it stands: '${text}'`, async () => {
      assert.equal(await read('string', text), text);
    });
  }
});

describe('a time', () => {
  it('may be a number of milliseconds or a text', async () => {
    const schema: JsonSchema = { type: ['string', 'integer'] };
    assert.equal(await readValue(flag(schema), '2026-11-22', new FakeIo()), '2026-11-22');
    assert.equal(String(await readValue(flag(schema), '1700000000000', new FakeIo())), '1700000000000');
  });
});

describe('JSON', () => {
  it('is parsed', () => {
    assert.deepEqual(parseJsonExactly('{"a":[1,2.5,"x",null,true]}'), { a: [1, 2.5, 'x', null, true] });
  });

  it('may begin with a byte order mark', () => {
    assert.deepEqual(parseJsonExactly('\ufeff{"a":1}'), { a: 1 });
  });

  for (const text of ['{', "{'a':1}", '{a:1}', '{"a":1,}', 'undefined', 'NaN', '{"a":1} x']) {
    it(`must be strict: ${text}`, () => {
      assert.throws(() => parseJsonExactly(text), {
        kind: 'invalid',
        message: /^must be JSON; the text cannot be parsed: /,
      });
    });
  }

  it('must not be empty', () => {
    assert.throws(() => parseJsonExactly(' \n'), { message: 'must be JSON; the text is empty' });
  });

  it('says where it came from', () => {
    assert.throws(() => parseJsonExactly('', ' in a.json'), { message: 'must be JSON; the text in a.json is empty' });
  });

  it('keeps a problem on one short line, control characters escaped', () => {
    assert.throws(
      () => parseJsonExactly(`{"\u001b[31m${'x\n'.repeat(500)}`),
      (error) => error instanceof Failure && error.message.length < 300 && !/[\u001b\n]/.test(error.message),
    );
  });
});

describe('an integer beyond 2^53 in JSON', () => {
  const refused: readonly string[] = [
    '12345678901234567890',
    '{"n":9007199254740993}',
    '{"n":-9007199254740993}',
    '[1,[2,{"a":18446744073709551615}]]',
    '{"text":"9007199254740993","n":9007199254740993}',
    '{"text":"a \\" quote","n":9007199254740993}',
  ];
  for (const text of refused) {
    it(`is refused, because it would be changed: ${text}`, () => {
      assert.throws(() => parseJsonExactly(text), {
        kind: 'invalid',
        message: /beyond 2\^53 and would be changed; send it as a string/,
      });
    });
  }

  const fine: readonly string[] = [
    '{"n":"9007199254740993"}',
    '{"9007199254740993":1}',
    '{"n":"say \\"9007199254740993\\" twice"}',
    '{"n":9007199254740991}',
    '{"n":0.12345678901234567890}',
    '{"n":3.14159265358979323846}',
    '{"n":12345678901234567890.5}',
    '{"n":1234567890123456e3}',
    '{"n":1e300}',
  ];
  for (const text of fine) {
    it(`is no concern in ${text}`, () => {
      assert.doesNotThrow(() => parseJsonExactly(text));
    });
  }

  it('is named in the message', () => {
    assert.throws(() => parseJsonExactly('{"n":9007199254740993}'), { message: /^holds the number 9007199254740993,/ });
  });
});

describe('JSON from elsewhere', () => {
  it('is read from @file', async () => {
    const file = join(folder, 'good.json');
    writeFileSync(file, '{"ok":true}\n');
    assert.deepEqual(await readJson(`@${file}`, new FakeIo()), { ok: true });
  });

  it('is read from stdin for -', async () => {
    assert.deepEqual(await readJson('-', new FakeIo({ stdin: '{"ok":1}' })), { ok: 1 });
  });

  it('names the file that does not parse', async () => {
    const file = join(folder, 'bad.json');
    writeFileSync(file, '{');
    await refuses(readJson(`@${file}`, new FakeIo()), /must be JSON; the text in .*bad\.json cannot be parsed/);
  });

  it('names stdin that does not parse', () =>
    refuses(readJson('-', new FakeIo({ stdin: '{' })), /the text on stdin cannot/));

  it('names a missing file', () =>
    refuses(
      readJson(`@${join(folder, 'none.json')}`, new FakeIo()),
      /cannot be read from '.*none\.json': there is no such file/,
    ));
});

describe('the values of a command', () => {
  const flags = flagsOf({
    properties: {
      count: { type: 'integer' },
      ids: { type: 'array', items: { type: 'integer' } },
      data: { type: 'object' },
      password: { type: 'string', 'x-secret': true },
    },
  });

  it('are all read, and all unreadable ones are reported', async () => {
    const raw = new Map<string, unknown>([
      ['count', 'x'],
      ['id', ['1', 'y']],
      ['data', '{"a":1}'],
    ]);
    const { values, problems } = await readValues(flags, raw, new FakeIo());
    assert.deepEqual(
      problems.map(({ at, message }) => `${at} ${message}`),
      ["--count must be an integer, not 'x'", "--id must be an integer, not 'y'"],
    );
    assert.deepEqual([...values.values()], [{ a: 1 }]);
  });

  it('warn of a secret on the command line, and take it', async () => {
    const io = new FakeIo();
    const { values } = await readValues(flags, new Map([['password', 'hidden']]), io);
    assert.deepEqual([...values.values()], ['hidden']);
    assert.equal(io.warnings.length, 1);
    assert.match(io.warnings[0] ?? '', /--password.*process lists.*--password-file/);
    assert.doesNotMatch(io.warnings[0] ?? '', /hidden/);
  });

  it('take a secret from a file or stdin without the line end, unwarned', async () => {
    const file = join(folder, 'password.txt');
    writeFileSync(file, ' with blanks \n');
    const io = new FakeIo({ stdin: 'typed\r\n' });
    const fromFile = await readValues(flags, new Map([['password-file', file]]), io);
    const fromStdin = await readValues(flags, new Map([['password', '-']]), io);
    assert.deepEqual([...fromFile.values.values(), ...fromStdin.values.values()], [' with blanks ', 'typed']);
    assert.deepEqual(io.warnings, []);
  });

  it('find a token in a file with several, and take every other text as it is', async () => {
    const tokens = join(folder, 'tokens.json');
    writeFileSync(tokens, '{"accessToken":"one","refreshToken":"two","password":"three"}\n');
    const secrets = flagsOf({
      properties: {
        refreshToken: { type: 'string', 'x-secret': true },
        password: { type: 'string', 'x-secret': true },
      },
    });
    const raw = new Map(['refresh-token-file', 'password-file'].map((name) => [name, tokens]));
    const { values } = await readValues(secrets, raw, new FakeIo());
    assert.deepEqual([...values.values()], ['two', '{"accessToken":"one","refreshToken":"two","password":"three"}']);
  });

  it('report a missing secret file', async () => {
    const { problems } = await readValues(flags, new Map([['password-file', join(folder, 'none')]]), new FakeIo());
    assert.deepEqual(
      problems.map(({ at }) => at),
      ['--password-file'],
    );
    assert.match(problems[0]?.message ?? '', /cannot be read from '.*none': there is no such file/);
  });
});
