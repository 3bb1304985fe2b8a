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
import { recorded, type BundledPackages } from './licences.ts';
import { packed, packText } from './packs.ts';
import { ownUpgrade, schemasWhenNeeded, separate, trimmed, trimmedInquirer } from './plugins.ts';
import { own } from '../protocol/own.ts';

/** The inputs and outputs of a bundle. */
export interface BundleOptions {
  readonly root: string;
  readonly version: string;
  /** Words that may occur in the name of a cache file: nouns and verbs. */
  readonly words: readonly string[];
  /** Collects the packages that are bundled. */
  readonly packages: BundledPackages;
}

/** Packages that only some commands need: each becomes a separate part, loaded at its first use. */
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
  'fuzzysort',
  'prom-client',
  'marked',
];

/**
 * Packages with native code, which cannot be bundled; npm installs them beside this one where their platform is
 * supported.
 */
export const native = ['libsql'];

/**
 * Builds `dist/`: a launcher, our own code with commander in packs by when it is needed, and a part for each rarely
 * needed package. The client and its `ws` are in the first pack: most commands need them, and one large text takes less
 * memory than several, which V8 would copy. Parts are named after their content and the launcher is written last, so
 * that a `devicehive` started meanwhile finds a complete set. Returns the names of the files.
 */
export async function bundle(options: BundleOptions): Promise<readonly string[]> {
  const parts = new Map<string, string>();
  const names = new Map<string, string>();
  const atHand = new Map<string, string>();
  const noted = recorded(options.packages);
  for (const name of rare) {
    const code = await compiled({
      stdin: { contents: partEntry(name), resolveDir: options.root },
      define: withoutNative,
      plugins: [noted, trimmed, name === 'ws-client' ? ownUpgrade(options.root) : trimmedInquirer],
    });
    if (name === 'ws-client') atHand.set('./devicehive.ws-client', code);
    names.set(name, name === 'ws-client' ? 'devicehive.ws-client' : added(parts, `devicehive.${name}`, code));
  }
  const schemas = new Map([
    ...(await schemaParts('actions', parts, options)),
    ...(await schemaParts('documents', parts, options)),
  ]);
  const { main, packs } = await packed(join(options.root, 'bin/devicehive.ts'), {
    ...settings,
    external: native,
    define: { DEVICEHIVE_VERSION: JSON.stringify(options.version) },
    plugins: [noted, trimmed, separate(names), schemasWhenNeeded(schemas)],
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

/**
 * Adds one part for each schema of a folder. Returns their file names by the path under which the generated modules
 * import them.
 */
async function schemaParts(
  kind: string,
  parts: Map<string, string>,
  { root, packages }: BundleOptions,
): Promise<Map<string, string>> {
  const folder = join(root, 'src/protocol/generated', kind);
  const names = new Map<string, string>();
  for (const file of readdirSync(folder)) {
    const code = await compiled({ entryPoints: [join(folder, file)], plugins: [recorded(packages)] });
    names.set(`./${kind}/${file}`, added(parts, `devicehive.${basename(file, '.ts')}`, code));
  }
  return names;
}

/** The wrapper of every part, which the launcher calls. Wrapping at build time saves copying the text at each start. */
const before = '(function(exports,require,module,importModule){';
const after = '\n})';

function added(parts: Map<string, string>, name: string, code: string): string {
  const text = `${before}${code}${after}`;
  const file = `${name}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}.cjs`;
  parts.set(file, text);
  return file;
}

/**
 * The exports that the sources use of packages whose part is not simply the whole package: `ws` in two halves, the
 * client's with its own upgrade in place of Node's HTTP client; inquirer with the core that our own prompts are built
 * on.
 */
const entries: Readonly<Record<string, string>> = {
  'ws-client': `export { WebSocket } from 'ws';`,
  'ws-server': `export { WebSocket, WebSocketServer } from 'ws';`,
  marked: `export { lexer } from 'marked';`,
  inquirer: `export * from '@inquirer/core'; export { default } from 'inquirer';`,
};

/** Stops `ws` from searching every parent folder for optional native helpers. */
const withoutNative = {
  'process.env.WS_NO_BUFFER_UTIL': '"1"',
  'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
};

function partEntry(name: string): string {
  return own(entries, name) ?? `export * from '${name}'; export { default } from '${name}';`;
}

/** Settings of every build. Names are not shortened, so that users' stack traces stay readable. */
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

/** Writes a file to a draft and renames it, so that it is never seen half written. */
export function replace(file: string, text: string, mode: number): void {
  const draft = `${file}.${process.pid}.draft`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, file);
}

const staleAfterMs = 24 * 3_600_000;

/**
 * Deletes the parts of earlier builds a day after they were replaced; a running `devicehive` may still load them until
 * then.
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

/** Marks a part as replaced: this mode, and the time of the replacement as its modification time. */
const replacedMode = 0o444;

function isMarked({ mode }: { readonly mode: number }): boolean {
  return (mode & 0o777) === replacedMode;
}

function mark(file: string): void {
  const now = new Date();
  utimesSync(file, now, now);
  chmodSync(file, replacedMode);
}
