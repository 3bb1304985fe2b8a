import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './cli.ts';

/**
 * What makes a program here believe that it runs on Windows: the name of the platform, and signals that end a process
 * at once, whatever it would do about them (Node's documentation of `process.kill`).
 */
const pretence = `
Object.defineProperty(process, 'platform', { value: 'win32' });
const { kill } = process;
process.kill = (pid, signal) => kill.call(process, pid, signal === 0 ? 0 : 'SIGKILL');
`;

/** Returns the environment of a program that runs in this home as on Windows, where %APPDATA% is a folder of the home. */
export function windowsEnv(home: Home): NodeJS.ProcessEnv {
  const preload = join(home.folder, 'windows.cjs');
  const appData = join(home.folder, 'AppData');
  mkdirSync(appData, { recursive: true });
  writeFileSync(preload, pretence);
  return { NODE_OPTIONS: `--require=${preload}`, APPDATA: appData };
}
