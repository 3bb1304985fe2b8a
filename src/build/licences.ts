import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

/** The folders of the packages that a build takes code from, from the root of the repository. */
export type BundledPackages = Set<string>;

/** Adds the packages of these input files of a build; other files are our own. */
export function addPackages(packages: BundledPackages, files: Iterable<string>): void {
  for (const file of files) {
    const [folder] = /(?:^|(?<=\/))node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
    if (folder !== undefined) packages.add(folder);
  }
}

/** Records the packages of a build. */
export function recorded(packages: BundledPackages): Plugin {
  return {
    name: 'bundled-packages',
    setup(plan) {
      plan.initialOptions.metafile = true;
      plan.onEnd(({ metafile }) => addPackages(packages, Object.keys(metafile?.inputs ?? {})));
    },
  };
}

/** Returns the licences of these packages, in alphabetical order, as their authors require. */
export function licences(root: string, packages: BundledPackages): string {
  return [...packages]
    .sort()
    .map((folder) => licenceOf(join(root, folder), root))
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/** The fields of a `package.json` that say who owns a package, and on what terms. */
interface Terms {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name?: string };
}

/** Throws an Error where a package holds no licence text, and none is known. */
function licenceOf(folder: string, root: string): string {
  const terms = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Terms;
  const { name, version, license } = terms;
  const text = textIn(folder) ?? licenceInReadme(folder) ?? namedLicence(terms, root);
  if (text === undefined) throw new Error(`${name} holds no licence text: it must not be bundled without one`);
  return `${name} ${version}, ${license ?? 'licence as below'}\n\n${text}\n`;
}

/** Returns the text of a licence that a package only names; for Apache-2.0 this project's own. */
function namedLicence({ name, license, author }: Terms, root: string): string | undefined {
  if (license === 'Apache-2.0') return textIn(root);
  const holder = typeof author === 'string' ? author : author?.name;
  return license === 'MIT' ? `Copyright (c) ${holder ?? `the authors of ${name}`}\n\n${mitText}` : undefined;
}

const mitText = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

function textIn(folder: string): string | undefined {
  const files = readdirSync(folder).filter((entry) => /^(?:licen[cs]e|copying|notice)/i.test(entry));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return texts.length === 0 ? undefined : texts.join('\n\n');
}

/** Returns the licence in a package's readme, where some packages have it. */
function licenceInReadme(folder: string): string | undefined {
  const file = readdirSync(folder).find((entry) => /^readme/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
  return /^#+ *licen[cs]e\b[^]*?(?=^#|(?![^]))/im.exec(text)?.[0].trim();
}
