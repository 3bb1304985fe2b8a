/**
 * What `dist/devicehive.cjs` is: loads the bundle's parts with V8's code cache, which spares compiling them at each start.
 * The cache lies in a folder that only the user can write, because V8 does not check its content; any doubt means no cache.
 */
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/** Replaced at build time: a digest of all parts, the part to start with, and the words that may name a cache file. */
declare const BUILD_ID: string;
declare const MAIN_FILE: string;
declare const WORDS: readonly string[];

interface Part {
  readonly script: Script;
  readonly exports: unknown;
  readonly cached: boolean;
}

type Wrapper = (
  exports: unknown,
  require: (name: string) => unknown,
  module: { exports: unknown },
  importModule: (name: string) => Promise<unknown>,
) => void;

const folder = __dirname;
const parts = new Map<string, Part>();
const cacheFolder = findCacheFolder();
const cacheFile =
  cacheFolder === undefined
    ? undefined
    : join(cacheFolder, `${BUILD_ID}-${process.version}-${process.arch}-${profile()}`);
const cache = cacheFile === undefined ? new Map<string, Buffer>() : readCache(cacheFile);

if (cacheFile !== undefined) process.on('exit', () => writeCache(cacheFile));
load(MAIN_FILE);

function load(name: string): unknown {
  const known = parts.get(name);
  if (known !== undefined) return known.exports;
  const filename = join(folder, name);
  const source = `(function(exports,require,module,importModule){${readFileSync(filename, 'latin1')}\n})`;
  const cachedData = cache.get(name);
  const script = new Script(source, cachedData === undefined ? { filename } : { filename, cachedData });
  const module = { exports: {} };
  const part = {
    script,
    get exports() {
      return module.exports;
    },
    cached: cachedData !== undefined && script.cachedDataRejected !== true,
  };
  parts.set(name, part);
  (script.runInThisContext() as Wrapper)(
    module.exports,
    (wanted) => (wanted.startsWith('./') ? load(wanted.slice(2)) : require(wanted)),
    module,
    (wanted) => import(wanted),
  );
  return module.exports;
}

/** One cache for each command, so that it holds what that command compiles and no more. */
function profile(): string {
  const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const known = [words[0] ?? '', words[1] ?? ''].filter((word) => WORDS.includes(word));
  if (process.argv.includes('--embedded')) known.push('embedded');
  return known.join('-') || 'start';
}

function findCacheFolder(): string | undefined {
  const { XDG_CACHE_HOME, HOME, LOCALAPPDATA, NODE_V8_COVERAGE } = process.env;
  if (NODE_V8_COVERAGE !== undefined) return undefined;
  const base = XDG_CACHE_HOME ?? LOCALAPPDATA ?? (HOME === undefined || HOME === '' ? undefined : join(HOME, '.cache'));
  return base === undefined || base === '' ? undefined : join(base, 'devicehive');
}

/** Whether only this user can write there; Windows keeps the profile folder to its user. */
function isOurs(stats: { uid: number; mode: number }): boolean {
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0);
}

function readCache(file: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  try {
    const stats = lstatSync(join(file, '..'));
    if (!stats.isDirectory() || !isOurs(stats)) return found;
    const handle = openSync(file, 'r');
    try {
      if (!isOurs(fstatSync(handle))) return found;
      const blob = readFileSync(handle);
      const header = blob.readUInt32LE(0);
      let offset = 4 + header;
      for (const [name, length] of JSON.parse(blob.toString('latin1', 4, offset)) as [string, number][]) {
        found.set(name, blob.subarray(offset, offset + length));
        offset += length;
      }
    } finally {
      closeSync(handle);
    }
  } catch {
    // no cache, or not one of ours: compiled as usual
  }
  return found;
}

function writeCache(file: string): void {
  if ([...parts.values()].every((part) => part.cached)) return;
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    if (!isOurs(lstatSync(join(file, '..')))) return;
    const blobs = new Map(cache);
    for (const [name, { script }] of parts) blobs.set(name, script.createCachedData());
    const header = Buffer.from(JSON.stringify([...blobs].map(([name, blob]) => [name, blob.length])));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(header.length);
    writeFileSync(draft, Buffer.concat([length, header, ...blobs.values()]), { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  } catch {
    try {
      unlinkSync(draft);
    } catch {
      // was never written
    }
  }
}
