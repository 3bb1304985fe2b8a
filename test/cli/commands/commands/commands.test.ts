import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { actionFor, wordsFor } from '../../../../src/cli/flags/commandWords.ts';
import { commonFlagNames } from '../../../../src/cli/flags/commonFlags.ts';
import { commandMap, type MappedCommand } from '../../../../src/cli/commands/commands/commandMap.ts';
import { allWords } from '../../../../src/cli/commands/index.ts';
import { exitCodes } from '../../../../src/cli/printing/exitCodes.ts';
import { toPayload } from '../../../../src/cli/flags/flags.ts';
import { buildProgram, commandTree } from '../../../../src/cli/program/program.ts';
import { commandFlags } from '../../../../src/cli/request/requestCommand.ts';
import { loadSchemas, vocabulary } from '../../../../src/build/schemas.ts';
import { actionNames, schemaOf } from '../../../../src/protocol/schema.ts';
import { Home } from '../../../helpers/cli.ts';
import { FakeIo } from '../../fakeIo.ts';

const home = new Home();
after(() => home[Symbol.dispose]());

const map = commandMap(commandTree(new FakeIo()));

function entry(...words: readonly string[]): MappedCommand {
  const found = map.commands.find((command) => command.words.join(' ') === words.join(' '));
  assert.ok(found !== undefined, words.join(' '));
  return found;
}

function flag(command: MappedCommand, name: string): MappedCommand['flags'][number] {
  const found = command.flags.find((candidate) => candidate.name === name);
  assert.ok(found !== undefined, `${command.words.join(' ')} has ${name}`);
  return found;
}

/** Returns help as the program prints it. */
async function help(words: readonly string[]): Promise<string> {
  const io = new FakeIo();
  const argv = [...words, '--help'];
  await assert.rejects(buildProgram(argv, io).parseAsync(argv, { from: 'user' }), { exitCode: 0 });
  return io.stdout;
}

describe('the command map', () => {
  it('fits its schema', () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
    ajv.addVocabulary(vocabulary);
    const schema = loadSchemas(fileURLToPath(new URL('../../../../schemas', import.meta.url))).get('commands');
    assert.ok(schema !== undefined);
    const validate = ajv.compile(schema);
    validate(JSON.parse(JSON.stringify(map)));
    assert.deepEqual(validate.errors, null);
  });

  it('is what the built program prints in a pipe, with --json and on one line', async () => {
    const run = await home.run(['commands', '--json']);
    assert.equal(run.code, 0, run.stderr);
    assert.equal(run.stderr, '');
    assert.equal(run.stdout, `${JSON.stringify(map)}\n`);
    assert.deepEqual(await home.run(['commands']), run);
  });

  it('can be asked a question', async () => {
    const { stdout } = await home.run(['commands', '--query', "commands[?action=='command/update'].permission | [0]"]);
    assert.equal(stdout, 'UpdateDeviceCommand\n');
  });

  it('is a line for each command as text', async () => {
    const { stdout } = await home.run(['commands', '--output', 'text']);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, map.commands.length);
    assert.match(stdout, /^devicehive command update +Update a command on behalf of its device$/m);
  });

  it('holds every command once, and all actions but those without words', () => {
    const words = map.commands.map((command) => command.words.join(' '));
    assert.deepEqual([...new Set(words)], words);
    assert.equal(words.length, allWords().length);
    const actions = map.commands.flatMap(({ action }) => action ?? []);
    assert.deepEqual(
      actions.sort(),
      actionNames()
        .filter((action) => wordsFor(action) !== undefined)
        .sort(),
    );
  });

  it('describes a flag by everything in its schema', () => {
    const update = entry('command', 'update');
    assert.equal(update.permission, 'UpdateDeviceCommand');
    assert.deepEqual(flag(update, '--id'), {
      name: '--id',
      short: null,
      type: 'integer',
      value: 'integer',
      valueOptional: false,
      required: true,
      repeatable: false,
      secret: false,
      enum: null,
      default: null,
      path: ['commandId'],
      description: flag(update, '--id').description,
    });
    assert.deepEqual(flag(update, '--result').path, ['command', 'result']);
    assert.equal(flag(update, '--result').type, 'json');
    assert.deepEqual(flag(entry('device', 'list'), '--sort-order').enum, ['ASC', 'DESC']);
    assert.equal(flag(entry('command', 'watch'), '--name').repeatable, true);
    assert.equal(flag(entry('command', 'insert'), '--wait').valueOptional, true);
    assert.equal(flag(entry('context', 'add'), '--url').required, true);
    assert.deepEqual(flag(entry('user', 'insert'), '--role').enum, [0, 1]);
  });

  it('marks secrets, and the files they are better given in', () => {
    const { flags } = entry('token', 'get');
    assert.deepEqual(
      flags.map(({ name, secret, value }) => [name, secret, value]),
      [
        ['--login', false, 'text'],
        ['--password', true, 'text'],
        ['--password-file', false, 'file'],
      ],
    );
  });

  it('lists the arguments of commands that have some', () => {
    assert.deepEqual(
      entry('exec').arguments.map(({ name, required, variadic }) => [name, required, variadic]),
      [['command', true, true]],
    );
    assert.deepEqual(
      entry('context', 'show').arguments.map(({ required }) => required),
      [false],
    );
  });

  it('names common flags that it describes', () => {
    const known = map.commonFlags.map(({ name }) => name);
    for (const { words, commonFlags } of map.commands)
      for (const name of commonFlags) assert.ok(known.includes(name), `${words.join(' ')} ${name}`);
    assert.deepEqual(
      commonFlagNames().filter(
        (name) => !known.some((long) => long.replace(/^--(no-)?/, '') === name) && name.length > 1,
      ),
      [],
    );
  });

  it('knows all exit codes, by the names of failures', () => {
    const codes = new Map(map.exitCodes.map(({ code, name }) => [code, name]));
    for (const [kind, code] of Object.entries(exitCodes))
      assert.equal(codes.get(code), kind === 'interrupted' ? 'signal' : kind);
    for (const command of map.commands)
      for (const code of command.exitCodes) assert.ok(codes.has(code), `${command.words.join(' ')} ${code}`);
    assert.deepEqual(entry('command', 'update').exitCodes, [0, 1, 2, 3, 4, 5, 6, 7, 9, 129, 130, 143]);
    assert.deepEqual(entry('context', 'list').exitCodes, [0, 1, 2, 9, 129, 130, 143]);
    assert.ok(entry('command', 'insert').exitCodes.includes(8));
    assert.ok(entry('batch').exitCodes.includes(10));
    // A seed that is wrong, and no server to stop.
    assert.ok(entry('server', 'start').exitCodes.includes(3));
    assert.ok(entry('exec').exitCodes.includes(3));
    assert.ok(entry('server', 'stop').exitCodes.includes(5));
  });

  for (const command of map.commands) {
    const words = command.words.join(' ');

    it(`agrees with help: ${words}`, async () => {
      const text = await help(command.words);
      for (const { name } of command.flags) assert.match(text, new RegExp(`[ ,]${name}[ ,\n]`), name);
      if (command.commonFlags.length > 0) assert.match(text, /^Common options \(devicehive help common-options\): -/m);
      for (const line of command.examples) assert.ok(text.includes(`  $ ${line}`), line);
      const listed = [...text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, name]) => name);
      assert.deepEqual(listed.filter((name) => name !== '--help').sort(), command.flags.map(({ name }) => name).sort());
    });
  }

  it('says where values go, as the program itself puts them there', () => {
    for (const {
      words: [noun = '', verb],
      flags,
    } of map.commands) {
      const action = actionFor(noun, verb);
      if (action === undefined) continue;
      const own = commandFlags(action);
      for (const { name, path } of flags) {
        const field = own.find((candidate) => `--${candidate.name}` === name || `--${candidate.name}-file` === name);
        assert.deepEqual(path, field === undefined ? null : field.path, `${action} ${name}`);
        if (field === undefined || path === null) continue;
        const payload = toPayload(schemaOf(action), own, new Map([[field, 'x']]));
        const found = path.reduce<unknown>((node, key) => (node as Readonly<Record<string, unknown>>)[key], payload);
        assert.equal(found, 'x', `${action} ${name}`);
      }
    }
  });
});
