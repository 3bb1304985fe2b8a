/**
 * The source of `dist/devicehive.cjs`: runs the parts of the program with V8's code cache, which saves compiling them
 * at each start. V8 does not verify the content of a cache, so it is used only if this user owns it and nobody else can
 * write it; in any doubt the parts are compiled as usual. This file itself is compiled at every start, so it is short
 * and plain.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { Script } from 'node:vm';

/**
 * Defined by the build: a digest of all parts and of this file; the module to start with; the part that holds each
 * module; the words that may occur in the name of a cache file.
 */
declare const BUILD_ID: string;
declare const MAIN: string;
declare const MODULES: Readonly<Record<string, string>>;
declare const WORDS: readonly string[];

/** A loaded part of the program: its script, and whether the cache saved compiling it. */
interface Part {
  readonly script: Script;
  readonly cached: boolean;
  readonly module: { exports: unknown };
}

type Wrapper = (
  exports: unknown,
  require: (name: string) => unknown,
  module: { exports: unknown },
  importModule: (name: string) => Promise<unknown>,
) => void;

const weekMs = 7 * 24 * 3_600_000;
const parts = new Map<string, Part>();
const modules = new Map<string, { exports: unknown }>();
const folder = cacheFolder();
const file = folder === undefined ? '' : `${folder}/${BUILD_ID}-${process.version}-${process.arch}-${profile()}`;
const cache = new Map<string, Buffer>();
/** The modules whose code is in the cache because earlier runs used them. */
const seen = new Set<string>();
let wasWell = false;
if (file !== '') {
  readCache();
  process.on('exit', writeCache);
}
requireModule(MAIN);

function load(name: string): unknown {
  const known = parts.get(name);
  if (known !== undefined) return known.module.exports;
  const filename = `${__dirname}/${name}`;
  const source = readFileSync(filename, 'latin1');
  const cachedData = cache.get(name);
  const script = new Script(source, cachedData === undefined ? { filename } : { filename, cachedData });
  const module = { exports: {} };
  parts.set(name, { script, cached: cachedData !== undefined && script.cachedDataRejected !== true, module });
  (script.runInThisContext() as Wrapper)(module.exports, requireModule, module, importModule);
  return module.exports;
}

/** Returns the exports of one of our modules, of a separate part, or of one of Node's modules. */
function requireModule(name: string): unknown {
  const part = Object.hasOwn(MODULES, name) ? MODULES[name] : undefined;
  if (part === undefined) return requirePart(name);
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(name, module);
  // MODULES says that this part holds a module of this name
  // eslint-disable-next-line house/own-lookups
  (load(part) as Readonly<Record<string, Wrapper>>)[name]?.(module.exports, requireModule, module, importModule);
  return module.exports;
}

function requirePart(name: string): unknown {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the parts are CommonJS
  return name.startsWith('./') ? load(name.slice(2)) : require(name);
}

function importModule(name: string): Promise<unknown> {
  return import(name);
}

/** Returns the name of the cache for a command: each has its own, which holds only code that it uses. */
function profile(): string {
  let name = 'start';
  let count = 0;
  for (let index = 2; index < process.argv.length; index++) {
    const word = process.argv[index] ?? '';
    if (word === '--embedded' || (count < 2 && WORDS.includes(word))) {
      name += `-${word}`;
      count++;
    }
  }
  return name.slice(0, 100);
}

/**
 * Returns the folder for caches, or undefined for none. Relative paths are ignored, as the XDG specification demands:
 * they would lead into the current folder, which may be somebody else's.
 */
function cacheFolder(): string | undefined {
  const { XDG_CACHE_HOME: cacheHome, LOCALAPPDATA: local, HOME: home, NODE_V8_COVERAGE: coverage } = process.env;
  if (coverage) return undefined;
  if (process.platform === 'win32') return local ? `${local}/devicehive` : undefined;
  if (cacheHome?.startsWith('/')) return `${cacheHome}/devicehive`;
  return home?.startsWith('/') ? `${home}/.cache/devicehive` : undefined;
}

/** True if this user owns the file and nobody else can write it. Windows protects a user's profile itself. */
function isOurs(stats: { uid: number; mode: number }): boolean {
  return process.getuid === undefined || (stats.uid === process.getuid() && (stats.mode & 0o022) === 0);
}

/**
 * File layout: line 1 `part length …`, line 2 `well|ill module …` (whether a run has ended well, and the modules that
 * have run), then V8's code; all stored twice, because V8 crashes on damaged code and comparing halves is the cheapest
 * check.
 */
function readCache(): void {
  try {
    const place = lstatSync(folder ?? '');
    if (!place.isDirectory() || !isOurs(place)) return;
    const handle = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW || 0) | (constants.O_NONBLOCK || 0));
    const stats = fstatSync(handle);
    const blob = Buffer.allocUnsafeSlow(stats.size);
    const length = stats.isFile() && isOurs(stats) ? readSync(handle, blob) : 0;
    closeSync(handle);
    const half = length / 2;
    if (length < stats.size || length === 0 || !blob.subarray(0, half).equals(blob.subarray(half))) return;
    const end = blob.indexOf(10);
    const second = blob.indexOf(10, end + 1);
    const header = blob.toString('latin1', 0, end).split(' ');
    const [ended, ...names] = blob.toString('latin1', end + 1, second).split(' ');
    wasWell = ended === 'well';
    for (const name of names) seen.add(name);
    for (let index = 0, offset = second + 1; index + 1 < header.length; index += 2) {
      const size = Number(header[index + 1]);
      cache.set(header[index] ?? '', blob.subarray(offset, offset + size));
      offset += size;
    }
  } catch {
    // no usable cache: compile as usual
  }
}

/**
 * Writes the cache if this run compiled code that it lacks: a part, a module that never ran before, or code that runs
 * only after success (a failed run may have cached less).
 */
function writeCache(exitCode: number): void {
  let isComplete = wasWell || exitCode !== 0;
  for (const { cached } of parts.values()) isComplete &&= cached;
  for (const name of modules.keys()) isComplete &&= seen.has(name);
  if (isComplete) return;
  for (const name of modules.keys()) seen.add(name);
  wasWell ||= exitCode === 0;
  replaceCache();
}

/**
 * Creates a folder and up to three missing parents, one by one: recursive `mkdir` never returns on file systems that
 * create nothing, such as /proc.
 */
function makeFolder(place: string, levels = 3): void {
  try {
    mkdirSync(place, 0o700);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || levels === 0) throw error;
    makeFolder(place.slice(0, place.lastIndexOf('/')), levels - 1);
    mkdirSync(place, 0o700);
  }
}

/** Deletes caches of other builds that have not been written for a week. */
function dropOld(place: string): void {
  for (const name of readdirSync(place)) {
    const old = `${place}/${name}`;
    if (!name.startsWith(BUILD_ID) && Date.now() - lstatSync(old).mtimeMs > weekMs) unlinkSync(old);
  }
}

/**
 * Writes the cache to a draft and renames it, so that concurrent runs do no harm. Does nothing where the folder cannot
 * be written.
 */
function replaceCache(): void {
  const draft = `${file}.${process.pid}`;
  try {
    const place = folder ?? '';
    makeFolder(place);
    const stats = lstatSync(place);
    if (!stats.isDirectory() || !isOurs(stats)) return;
    for (const [name, { script }] of parts) cache.set(name, script.createCachedData());
    const header = [...cache].map(([name, blob]) => `${name} ${blob.length}`).join(' ');
    const history = [wasWell ? 'well' : 'ill', ...seen].join(' ');
    const content = [Buffer.from(`${header}\n${history}\n`), ...cache.values()];
    writeFileSync(draft, Buffer.concat([...content, ...content]), { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
    dropOld(place);
  } catch {
    try {
      unlinkSync(draft);
    } catch {
      // the draft was not written
    }
  }
}
