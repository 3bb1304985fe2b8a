import { readdirSync } from 'node:fs';

/**
 * Loads every file of tests below the folder of a module, so that they run in one process: starting a process for each
 * of them costs 0.8 s of CPU, half of what these tests themselves take. Tests that run here leave nothing behind that
 * others of the same folder see.
 */
export async function loadTestsBeside(module: string): Promise<void> {
  const folder = new URL('.', module);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  await Promise.all(files.sort().map((file) => import(new URL(file, folder).href)));
}
