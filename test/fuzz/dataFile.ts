import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../src/errors.ts';
import { startServer } from '../../src/server/index.ts';
import { Pipelining } from '../helpers/pipelining.ts';
import { random } from './random.ts';

/** What became of a damaged data file: refused and unchanged, or used, where the damage does not show. */
export type DataOutcome = 'refused' | 'used';

/** Creates a data file with texts of all kinds, and returns its bytes. */
export async function wholeFile(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'devicehive-fuzz-'));
  const data = join(folder, 'whole.db');
  {
    await using server = await startServer({ data });
    const client = await Pipelining.open(server);
    for (let count = 0; count < 60; count++) {
      const device = { name: `Gerät ${count} ✓`, data: { text: 'é'.repeat(count * 3) } };
      await client.done('device/save', { deviceId: `d-${count}`, device });
    }
    client.socket.close();
  }
  const bytes = readFileSync(data);
  rmSync(folder, { recursive: true });
  return bytes;
}

/** Returns a copy with some bytes changed, the same ones for the same seed. */
export function corrupted(whole: Buffer, seed: number): Buffer {
  const { below, next } = random(seed);
  const bytes = Buffer.from(whole);
  for (let spots = 1 + below(4); spots > 0; spots--) {
    const start = below(bytes.length);
    const length = next() < 0.5 ? 1 : 1 + below(64);
    for (let at = start; at < Math.min(start + length, bytes.length); at++) bytes[at] = below(256);
  }
  return next() < 0.1 ? bytes.subarray(0, below(bytes.length)) : bytes;
}

/** Starts a server on a damaged file. Throws where it is neither used nor refused as it should be. */
export async function tryDataFile(bytes: Buffer): Promise<DataOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'devicehive-fuzz-'));
  const data = join(folder, 'damaged.db');
  writeFileSync(data, bytes);
  try {
    const server = await startServer({ data, adminPassword: 'secret-123' });
    await server.close();
    return 'used';
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'usage') throw error;
    if (!readFileSync(data).equals(bytes)) throw new Error('the refused file was changed', { cause: error });
    return 'refused';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
