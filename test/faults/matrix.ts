import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningServer } from '../../src/server/index.ts';
import { connect, type Connection } from '../../src/client/index.ts';
import { ended, Home } from '../helpers/cli.ts';
import { embeddedServer } from '../helpers/embeddedServer.ts';
import { exitCodeFor, files, recorded, type FaultyCommand } from './commands.ts';
import type { Fault } from './faults.ts';

/** A command still running after this time hangs. */
const longestMs = 60_000;

/** What a command came to that met a fault; `wrong` says what is not as it must be. */
export interface Cell {
  readonly code: number | null;
  readonly seconds: number;
  readonly wrong: readonly string[];
  readonly said: string;
}

/** A server, the files that the commands read, and a home for them. */
export class FaultStage implements AsyncDisposable {
  readonly #home = new Home();
  readonly #server: RunningServer;
  readonly #connection: Connection;

  private constructor(server: RunningServer, connection: Connection) {
    this.#server = server;
    this.#connection = connection;
  }

  /** Starts a server, writes the files and records the trace. */
  static async open(): Promise<FaultStage> {
    const server = await embeddedServer();
    const stage = new FaultStage(server, await connect({ url: server.url, credentials: server }));
    const write = (file: string, text: string) => writeFileSync(join(stage.#home.work, file), text, { mode: 0o600 });
    write(files.token, server.accessToken);
    const line = { action: 'command/insert', deviceId: 'd1', command: { command: 'go' } };
    write(files.lines, `${JSON.stringify(line)}\n`.repeat(3));
    const run = await stage.#home.run([...recorded, '--url', server.url, '--trace-file', files.trace]);
    if (run.code !== 0) throw new Error(`the trace could not be recorded:\n${run.stderr}`);
    return stage;
  }

  /** Runs a command over a way with a fault. What a watch finds on the server is new: it keeps messages for 120 s. */
  async play(command: FaultyCommand, fault: Fault): Promise<Cell> {
    await this.#connection.request('command/insert', { deviceId: 'd1', command: { command: 'go' } });
    await this.#connection.request('notification/insert', { deviceId: 'd1', notification: { notification: 'here' } });
    await using way = await fault.open(this.#server.url, command.frame);
    const beganMs = performance.now();
    const child = this.#home.start([...command.args, '--url', way.url], { env: way.env ?? {}, detached: true });
    child.stdin?.end();
    const watchdog = setTimeout(() => killedAny(child), longestMs);
    const { code, stdout, stderr } = await ended(child).finally(() => clearTimeout(watchdog));
    const seconds = (performance.now() - beganMs) / 1000;
    const said = `${stderr}${stdout}`;
    const wrong = [
      ...problems({ code, said }, exitCodeFor(command, fault.stage), fault.says),
      ...(killedAny(child) ? ['left a process behind'] : []),
    ];
    return { code, seconds, wrong, said };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#home[Symbol.dispose]();
    await this.#connection.close();
    await this.#server.close();
  }
}

function problems({ code, said }: Pick<Cell, 'code' | 'said'>, wanted: number, says: RegExp): string[] {
  return [
    code === null ? `still ran after ${longestMs / 1000} s` : '',
    code === wanted ? '' : `ended with ${code}, not with ${wanted}`,
    says.test(said) ? '' : `says nothing like ${String(says)}`,
    /this is a bug|\n {4}at /.test(said) ? 'shows a stack' : '',
  ].filter((text) => text !== '');
}

/** Kills what the process group of a child still holds; true if there was any. */
function killedAny({ pid = 0 }: ChildProcess): boolean {
  try {
    process.kill(-pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
