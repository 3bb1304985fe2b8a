import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect } from '../../../src/client/index.ts';
import type { Frame } from '../../../src/protocol/frames.ts';
import { Home } from '../../helpers/cli.ts';
import { embeddedServer } from '../../helpers/embeddedServer.ts';
import { jump } from '../../helpers/jumpingClock.ts';
import { jsonLines, startWatch, type WatchRun } from './watching.ts';

const home = new Home();
after(() => home[Symbol.dispose]());
const server = await embeddedServer();
const asker = await connect({ url: server.url, credentials: server });
after(async () => {
  await asker.close();
  await server.close();
});

/** The watch looks once a minute: here the machine sleeps for one, which a watch counts, and ticks come at once. */
const fastClock = join(home.work, 'fast.cjs');
writeFileSync(
  fastClock,
  `const os = require('node:os');
   const { uptime } = os;
   const { setInterval } = globalThis;
   let sleptS = 0;
   os.uptime = () => uptime() + sleptS;
   globalThis.setInterval = (act, ms, ...others) => setInterval(act, Math.min(ms, 50), ...others);
   process.on('SIGUSR2', () => {
     sleptS += 61;
     process.stderr.write('the clock has jumped\\n');
   });`,
);
const env = { NODE_OPTIONS: `--require ${fastClock}` };

const save = (deviceId: string) =>
  asker.request('device/save', { deviceId, device: { name: deviceId, networkId: 1, deviceTypeId: 1 } });
const insert = (deviceId: string, step: string) =>
  asker.request('command/insert', { deviceId, command: { command: 'go', parameters: { step } } });

function watch(...flags: readonly string[]): Promise<WatchRun> {
  const target = ['--url', server.url, '--token', server.accessToken];
  return startWatch(home, ['command', 'watch', ...target, '--name', 'go', ...flags], { env });
}

function steps(stdout: string): unknown[] {
  return jsonLines(stdout).map((line) => ((line['command'] as Frame)['parameters'] as Frame)['step']);
}

async function remake(deviceId: string): Promise<void> {
  await asker.request('device/delete', { deviceId });
  await save(deviceId);
}

describe('a watch whose device is deleted and made anew', () => {
  it('subscribes again, says so, and shows what was missed, each command once', async () => {
    await using run = await watch('--device', 'd1', '--count', '4');
    await insert('d1', 'before');
    await run.said('stdout', /before/);
    await remake('d1');
    await insert('d1', 'missed');
    await jump(run.child);
    await run.said('stderr', /d1: deleted and made anew; subscribed again/);
    await insert('d1', 'live');
    await run.said('stdout', /live/);
    await remake('d1');
    await jump(run.child);
    await run.said('stderr', /made anew[^]*made anew/);
    await insert('d1', 'again');
    const { code, stdout, stderr } = await run.end;
    assert.equal(code, 0, stderr);
    assert.deepEqual(steps(stdout), ['before', 'missed', 'live', 'again']);
  });

  it('does so while other devices are never quiet', async () => {
    await save('busy');
    await using run = await watch('--device', 'busy', '--device', 'd1', '--count', '2');
    await remake('d1');
    await jump(run.child);
    await insert('busy', 'seen');
    await run.said('stderr', /d1: deleted and made anew/);
    await insert('d1', 'seen');
    const { code, stderr } = await run.end;
    assert.equal(code, 0, stderr);
  });
});
