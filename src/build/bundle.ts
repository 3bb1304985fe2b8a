import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { packed, packText } from './packs.ts';
import { ownUpgrade, schemasWhenNeeded, separate, trimmed } from './plugins.ts';
import { trimmedInquirer } from './trimmedInquirer.ts';
import { own } from '../protocol/own.ts';

/** What a bundle is made of and told. */
export interface BundleOptions {
  readonly root: string;
  readonly version: string;
  /** Words that may name a cache file: nouns and verbs. */
  readonly words: readonly string[];
}

/** Packages that only some commands need: each becomes a part of its own, loaded at its first use. */
const rare = [
  'ws-client',
  'ws-server',
  'chalk',
  'cross-spawn',
  'inquirer',
  'string-width',
  'yaml',
  'jmespath',
  'https-proxy-agent',
  'hdr-histogram-js',
  'sucrase',
  'log-update',
  'prom-client',
];

/**
 * Packages with native code, which cannot be bundled: they are installed beside this one where there is one for the
 * platform.
 */
export const native = ['libsql'];

/**
 * Builds `dist/`: a launcher, our own code with commander in packs by when it is needed, and a part for each package
 * that is rarely needed. The client and its `ws` lie with the start: most commands need them, and one large text costs
 * less memory than several, which V8 would copy. Parts are named after their content and the launcher goes last, so a
 * `devicehive` that starts meanwhile finds a whole one. Gives the names of the files.
 */
export async function bundle(options: BundleOptions): Promise<readonly string[]> {
  const parts = new Map<string, string>();
  const names = new Map<string, string>();
  const atHand = new Map<string, string>();
  for (const name of rare) {
    const code = await compiled({
      stdin: { contents: partEntry(name), resolveDir: options.root },
      define: withoutNative,
      plugins: name === 'ws-client' ? [trimmed, ownUpgrade(options.root)] : [trimmed, trimmedInquirer],
    });
    if (name === 'ws-client') atHand.set('./devicehive.ws-client', code);
    names.set(name, name === 'ws-client' ? 'devicehive.ws-client' : added(parts, `devicehive.${name}`, code));
  }
  const schemas = new Map([
    ...(await schemaParts(options.root, 'actions', parts)),
    ...(await schemaParts(options.root, 'documents', parts)),
  ]);
  const { main, packs } = await packed(join(options.root, 'bin/devicehive.ts'), {
    ...settings,
    external: native,
    define: { DEVICEHIVE_VERSION: JSON.stringify(options.version) },
    plugins: [trimmed, separate(names), schemasWhenNeeded(schemas)],
  });
  const [start = new Map<string, string>(), client = new Map<string, string>(), ...others] = packs;
  const modules = [new Map([...start, ...client, ...atHand]), ...others].flatMap((pack) => {
    const file = added(parts, pack.has(main) ? 'devicehive.main' : 'devicehive.pack', packText(pack));
    return [...pack.keys()].map((name) => [name, file] as const);
  });
  parts.set('devicehive.cjs', await launcher(options, [...parts.keys()].join(' '), main, Object.fromEntries(modules)));
  const folder = join(options.root, 'dist');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of parts) replace(join(folder, name), text, name === 'devicehive.cjs' ? 0o755 : 0o644);
  dropStale(folder, parts);
  return [...parts.keys()];
}

/** One part for each schema of a folder; their file names by the path that the generated modules import them under. */
async function schemaParts(root: string, kind: string, parts: Map<string, string>): Promise<Map<string, string>> {
  const folder = join(root, 'src/protocol/generated', kind);
  const names = new Map<string, string>();
  for (const file of readdirSync(folder)) {
    const code = await compiled({ entryPoints: [join(folder, file)] });
    names.set(`./${kind}/${file}`, added(parts, `devicehive.${basename(file, '.ts')}`, code));
  }
  return names;
}

/**
 * What every part is wrapped in: the launcher calls it. Wrapping at build time spares copying the text at each start.
 */
const before = '(function(exports,require,module,importModule){';
const after = '\n})';

function added(parts: Map<string, string>, name: string, code: string): string {
  const text = `${before}${code}${after}`;
  const file = `${name}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}.cjs`;
  parts.set(file, text);
  return file;
}

/**
 * The two halves of `ws`, each with what the sources import of it: the client's upgrades without Node's HTTP client.
 * Inquirer comes with what prompts of our own are made of.
 */
const entries: Readonly<Record<string, string>> = {
  'ws-client': `export { WebSocket } from 'ws';`,
  'ws-server': `export { WebSocket, WebSocketServer } from 'ws';`,
  inquirer: `export * from '@inquirer/core'; export { default } from 'inquirer';`,
};

/** `ws` would look for native helpers, which nobody has beside a bundle, in every folder up to the root. */
const withoutNative = {
  'process.env.WS_NO_BUFFER_UTIL': '"1"',
  'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
};

function partEntry(name: string): string {
  return own(entries, name) ?? `export * from '${name}'; export { default } from '${name}';`;
}

/** What everything is built with. Names stay as they are: a stack trace of a user must be readable. */
const settings = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'error',
} as const satisfies BuildOptions;

async function compiled(options: BuildOptions): Promise<string> {
  const commonJs = { format: 'cjs', supported: { 'dynamic-import': false }, write: false } as const;
  const result = await build({ ...settings, ...commonJs, ...options });
  return result.outputFiles?.[0]?.text ?? '';
}

async function launcher(
  { root, words }: BundleOptions,
  contents: string,
  main: string,
  modules: Readonly<Record<string, string>>,
): Promise<string> {
  const source = join(root, 'bin/launcher.ts');
  const buildId = createHash('sha256').update(contents).update(readFileSync(source)).digest('hex').slice(0, 16);
  const values = { BUILD_ID: buildId, MAIN: main, MODULES: modules, WORDS: words };
  const define = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]));
  const code = await compiled({ entryPoints: [source], define, minify: true, supported: {} });
  return `#!/usr/bin/env node\n${code}`;
}

/** Puts a file in the place of another, whole. */
export function replace(file: string, text: string, mode: number): void {
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, file);
}

const staleAfterMs = 24 * 3_600_000;

/**
 * Parts of earlier builds stay for a day after the build that replaced them: a `devicehive` that runs may still load
 * one.
 */
function dropStale(folder: string, files: ReadonlyMap<string, string>): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('devicehive.') || files.has(name)) continue;
    const file = join(folder, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats === undefined) continue;
    if (isMarked(stats)) {
      if (Date.now() - stats.mtimeMs > staleAfterMs) rmSync(file, { force: true });
    } else if (name.endsWith('.cjs')) mark(file);
  }
}

/** A part that was replaced is marked by its mode, and its time is that of the replacement. */
const replacedMode = 0o444;

function isMarked({ mode }: { readonly mode: number }): boolean {
  return (mode & 0o777) === replacedMode;
}

function mark(file: string): void {
  const now = new Date();
  utimesSync(file, now, now);
  chmodSync(file, replacedMode);
}
