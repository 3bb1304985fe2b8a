import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './cli.ts';

/** What a program says once its clock has jumped. */
const said = 'the clock has jumped';

/** Sets the clock of a program while it runs, as an administrator or a time server does. */
export interface JumpingClock {
  /** Makes the program's clock one that can jump. */
  readonly env: NodeJS.ProcessEnv;
  /** Resolves once the program sees another time. */
  jump(child: ChildProcess): Promise<void>;
}

/** Prepares a clock that jumps by so many ms, back where that is negative. */
export function jumpingClock(home: Home, byMs: number): JumpingClock {
  const file = join(home.work, `clock${byMs}.cjs`);
  writeFileSync(file, preload(byMs));
  return { env: { NODE_OPTIONS: `--require ${file}` }, jump };
}

/** Resolves once a program whose clock can jump has seen it jump. */
export function jump(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    const hear = (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(said)) resolve();
    };
    child.stderr?.on('data', hear);
    child.once('close', () => reject(new Error(`the program ended before its clock jumped: ${text}`)));
    child.kill('SIGUSR2');
  });
}

/** The script that Node runs first: only the clock of the calendar jumps, as it does in a machine. */
function preload(byMs: number): string {
  return `
    const Before = Date;
    let aheadMs = 0;
    globalThis.Date = class Date extends Before {
      constructor(...values) { values.length === 0 ? super(Before.now() + aheadMs) : super(...values); }
      static now() { return Before.now() + aheadMs; }
    };
    process.on('SIGUSR2', () => {
      aheadMs = ${byMs};
      process.stderr.write('${said}\\n');
    }).setMaxListeners(0);
  `;
}
