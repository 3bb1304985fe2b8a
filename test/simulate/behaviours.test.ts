import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { starterBehaviour } from '../../src/cli/commands/simulate/init/starterBehaviour.ts';
import { Failure } from '../../src/errors.ts';
import {
  compilePlan,
  plannedEvents,
  trialsOf,
  tried,
  withBehaviours,
  type CheckCase,
  type JsonFields,
  type Plan,
  type PlayedEvent,
} from '../../src/simulate/plan/index.ts';

/** Reaches every module from a folder. */
function reachOf(folder: string): { folder: string; refusal: () => undefined } {
  return { folder, refusal: () => undefined };
}

/** A temporary folder with modules in it. */
class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'devicehive-behaviours-'));

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.path, name), content);
  }

  /** Returns a plan of one fleet with a module. Fails the test where it has problems. */
  async plan(fleet: JsonFields, rest: JsonFields = {}): Promise<Plan> {
    const joined = await withBehaviours({ fleets: [fleet], load: { for: '1m' }, ...rest }, reachOf(this.path));
    assert.deepEqual(joined.problems, []);
    const compiled = compilePlan(joined.content, { table: () => 'is missing', behaviour: joined.behaviour });
    assert.ok(compiled.kind === 'plan', JSON.stringify(compiled));
    return compiled.plan;
  }

  async problems(fleet: JsonFields): Promise<string[]> {
    const { problems } = await withBehaviours({ fleets: [fleet] }, reachOf(this.path));
    return problems.map(({ at, message }) => `${at} ${message}`.replaceAll(this.path, ''));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

async function eventsOf(plan: Plan, shard = { index: 0, count: 1 }): Promise<PlayedEvent[]> {
  const all: PlayedEvent[] = [];
  for await (const events of plannedEvents(plan, shard, { originMs: 0 })) all.push(...events);
  return all;
}

/** Returns what the devices of one module do in a minute, as `time name parameters`. */
async function told(module: string, rest: JsonFields = {}, fleet: JsonFields = {}): Promise<string[]> {
  using folder = new Folder({ 'm.ts': module });
  const events = await eventsOf(await folder.plan({ behaviour: './m.ts', ...fleet }, rest));
  return events
    .filter(({ kind }) => kind === 'notification')
    .map(({ atMs, name, parameters }) => `${atMs} ${name} ${JSON.stringify(parameters)}`);
}

describe('a behaviour module', () => {
  it('notifies when it likes, on the clock of the run', async () => {
    const lines = await told(`export default {
      start(device) {
        device.notify('up', { id: device.id, number: device.number, timeMs: device.timeMs });
        device.after('90ms', () => device.notify('once'));
        const cancel = device.every(20_000, () => device.notify('often', { nowMs: device.nowMs }));
        device.after('50s', cancel);
      } }`);
    assert.deepEqual(lines, [
      '0 up {"id":"sim-0","number":0,"timeMs":0}',
      '90 once null',
      '20000 often {"nowMs":20000}',
      '40000 often {"nowMs":40000}',
    ]);
  });

  it('waits on that clock, and time stands still while it thinks', async () => {
    const lines = await told(`export default {
      async start(device) {
        for (let n = 0; n < 3; n++) {
          await device.after('10s');
          await Promise.resolve().then(() => undefined);
          device.notify('tick', { nowMs: device.nowMs });
        }
      } }`);
    assert.deepEqual(lines, ['10000 tick {"nowMs":10000}', '20000 tick {"nowMs":20000}', '30000 tick {"nowMs":30000}']);
  });

  it('answers commands and changes the state that payloads show', async () => {
    const lines = await told(
      `export default {
        state: { on: false },
        commands: { switch: (device, { name, parameters }) => { device.state.on = parameters.on; device.notify(name); return 'done'; } },
      }`,
      { traffic: [{ command: 'switch', parameters: { on: true }, rate: '2/m' }], load: { for: '40s' } },
      { notifications: [{ name: 'now', every: '20s', parameters: { on: { state: 'on' } } }] },
    );
    const shown = lines.filter((line) => line.includes('now')).map((line) => line.includes('true'));
    assert.deepEqual(shown, [true, true]);
    assert.equal(lines.filter((line) => line.includes('switch')).length, 2);
  });

  it('draws from a stream of each device, whatever the number of shards', async () => {
    using folder = new Folder({
      'm.ts': `export default {
        count: 12,
        start(device) { device.every('7s', () => device.notify('n', { unit: device.random.unit(), whole: device.random.whole(1, 6),
          between: device.random.between(5, 6), pick: device.random.pick(['a', 'b']) })); } }`,
    });
    const plan = await folder.plan({ behaviour: './m.ts' });
    const text = async (count: number) => {
      const shards = Array.from({ length: count }, (_, index) => eventsOf(plan, { index, count }));
      return (await Promise.all(shards))
        .flat()
        .map((event) => JSON.stringify(event))
        .sort();
    };
    const whole = await text(1);
    assert.equal(whole.length, 12 * 8);
    assert.equal(new Set(whole).size, whole.length);
    assert.deepEqual(await text(5), whole);
  });

  it('sends values as they were at the time, not as they became', async () => {
    const lines = await told(`export default {
      start(device) { const data = { n: 1 }; device.notify('a', data); data.n = 2; device.notify('b', data); } }`);
    assert.deepEqual(lines, ['0 a {"n":1}', '0 b {"n":2}']);
  });

  it('is joined with the fleet that names it: the fleet wins, commands are the module’s', async () => {
    using folder = new Folder({
      'm.ts': `export default {
        id: 'm-{index}', count: 5, state: { a: 1, b: 1 }, notifications: [{ name: 'n', every: '1s' }],
        commands: { reboot: () => 'done', stop: [{ status: 'stopped' }] } }`,
    });
    const { fleets } = await folder.plan({
      behaviour: './m.ts',
      count: 2,
      state: { b: 2 },
      notifications: [{ name: 'o', every: '1s' }],
      commands: { reboot: [{ status: 'no' }], stop: [{ status: 'no' }], start: [] },
    });
    const [fleet] = fleets;
    assert.ok(fleet !== undefined);
    assert.deepEqual([fleet.id, fleet.count], ['m-{index}', 2]);
    assert.deepEqual(
      fleet.notifications.map(({ name }) => name),
      ['n', 'o'],
    );
    assert.deepEqual([...fleet.commands.keys()].sort(), ['start', 'stop']);
    assert.deepEqual(
      fleet.commands.get('stop')?.steps.map(({ status }) => status),
      ['stopped'],
    );
    const answers = ['reboot', 'stop'].map((name) => fleet.behaviour?.answers(name));
    assert.deepEqual(answers, [true, false]);
  });

  it('may export by name, import TypeScript and JavaScript, and be JavaScript itself', async () => {
    using folder = new Folder({
      'named.ts': `import { word, Kind } from './other.js'; import data from './data.mjs'; import { join } from 'node:path';
        export function start(device: { notify(name: string, parameters: object): void }): void {
          device.notify(word, { kind: Kind.Door, data, path: join('a', 'b') as string });
        }`,
      'other.ts': `export const word: string = 'hello'; export enum Kind { Door = 'door' }`,
      'data.mjs': 'export default [1];',
      'common.cjs': `module.exports = { start(device) { device.notify('common'); } };`,
      'modern.mjs': `export default { start(device) { device.notify('modern'); } };`,
    });
    const of = async (file: string) =>
      (await eventsOf(await folder.plan({ behaviour: file }))).map(({ name, parameters }) => [name, parameters]);
    assert.deepEqual(await of('./named.ts'), [['hello', { kind: 'door', data: [1], path: join('a', 'b') }]]);
    assert.deepEqual(await of('./common.cjs'), [['common', null]]);
    assert.deepEqual(await of('./modern.mjs'), [['modern', null]]);
  });
});

describe('mistakes in a behaviour module', () => {
  it('are reported with their place when it is loaded', async () => {
    using folder = new Folder({
      'syntax.ts': 'const a = 1;\nconst b: = 2;\n',
      'throws.ts': '// one\n// two\nthrow new Error("no lamp");\n',
      'missing.ts': `import './nowhere.ts';\nexport default {};\n`,
      'text.ts': `export default 'hello';\n`,
      'wrong.ts': `export default { count: 0, notifications: [{ name: 'n', evry: '1s' }], start: 5, onStart() {} };\n`,
    });
    const only = async (file: string) => {
      const problems = await folder.problems({ behaviour: file });
      assert.equal(problems.length, 1, problems.join('\n'));
      return problems[0] ?? '';
    };
    assert.match(await only('./syntax.ts'), /syntax\.ts:2:10: cannot be read as TypeScript: Unexpected token/);
    assert.match(await only('./throws.ts'), /throws\.ts:3: cannot be loaded: Error: no lamp/);
    assert.match(
      await only('./missing.ts'),
      /missing\.ts.* cannot be loaded: Error: Cannot find module '\.\/nowhere\.ts'/,
    );
    assert.match(await only('./text.ts'), /must export an object by default, or commands and start by name/);
    assert.match(await only('./none.ts'), /names \.\/none\.ts, but there is no such file/);
    assert.deepEqual((await folder.problems({ behaviour: './wrong.ts' })).sort(), [
      './wrong.ts: count must be >= 1',
      './wrong.ts: notifications[0].every is required',
      './wrong.ts: notifications[0].evry is not known here (did you mean every?)',
      './wrong.ts: onStart is not known here',
      './wrong.ts: start must be a function',
    ]);
  });

  const failure = async (body: string): Promise<string> => {
    try {
      await told(`export default {\n  start(device) {\n    ${body}\n  },\n};\n`);
    } catch (error) {
      assert.ok(error instanceof Failure && error.kind === 'invalid', String(error));
      return error.message;
    }
    return assert.fail('nothing was told');
  };

  it('are reported with their place when it runs', async () => {
    assert.match(
      await failure('nowhere();'),
      /m\.ts:3: failed in start of sim-0: ReferenceError: nowhere is not defined/,
    );
    assert.match(
      await failure('device.after(5, () => { throw new Error("late"); });'),
      /m\.ts:3: failed in a timer of sim-0: Error: late/,
    );
    assert.match(await failure('return Promise.reject(new Error("later"));'), /failed in start of sim-0: Error: later/);
  });

  it('are reported where time would stand still for ever', async () => {
    const body = 'const again = () => { device.after(0, again); }; again();';
    assert.match(await failure(body), /m\.ts:3: .*after\(0\) was asked for 10000 times at the same time/);
  });

  it('are reported where its data cannot be sent', async () => {
    assert.match(await failure('device.notify("n", 5);'), /notify\('n'\) needs an object, not 5/);
    assert.match(await failure('device.notify("n", [1]);'), /notify\('n'\) needs an object, not \[1\]/);
    assert.match(await failure('device.notify("");'), /needs the name of a notification/);
    assert.match(await failure('device.notify("n", { big: 1n });'), /m\.ts:3: .*BigInt/);
    assert.match(
      await failure('device.after("soon");'),
      /after\(\) needs a time in ms, or a duration such as '2s', not "soon"/,
    );
    assert.match(await failure('device.every(0, () => undefined);'), /every\(\) needs a period of at least 1 ms/);
  });
});

describe('the behaviour module in the topic on simulation', () => {
  it('does what its cases say', async () => {
    const topic = readFileSync(new URL('../../src/cli/commands/help/topics/simulation.md', import.meta.url), 'utf8');
    const [, module = ''] = /^```ts\n(import type \{ Behaviour \}.*?)^```/ms.exec(topic) ?? [];
    using folder = new Folder({ 'lamp.ts': module });
    const joined = await withBehaviours({ fleets: [{ behaviour: './lamp.ts' }] }, reachOf(folder.path));
    const cases = joined.modules.get('./lamp.ts')?.cases as readonly CheckCase[];
    const plan = await folder.plan({ behaviour: './lamp.ts' });
    const trials = trialsOf(plan, cases);
    assert.ok(typeof trials !== 'string' && trials.length > 0);
    for (const trial of trials) assert.deepEqual((await tried(plan, trial)).problems, []);
  });
});

describe('the behaviour module to begin with', () => {
  it('satisfies the compiler', () => {
    const file = fileURLToPath(new URL('starter.ts', import.meta.url));
    const declarations = fileURLToPath(new URL('../../dist/index.d.ts', import.meta.url));
    const options: ts.CompilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      types: [],
      paths: { 'devicehive-cli': [declarations] },
    };
    const host = ts.createCompilerHost(options);
    const files = host.getSourceFile.bind(host);
    host.getSourceFile = (name, version, ...rest) =>
      name === file ? ts.createSourceFile(name, starterBehaviour, version) : files(name, version, ...rest);
    const program = ts.createProgram([file], options, host);
    const problems = program.getSemanticDiagnostics(program.getSourceFile(file));
    assert.deepEqual(
      problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')),
      [],
    );
  });
});
