import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure, messageOf } from '../../errors.ts';

/** The project's own settings: which server, never a token. */
export interface Project {
  readonly file: string;
  readonly url?: string;
  readonly context?: string;
  readonly output?: string;
  readonly timeout?: string;
}

const known = new Set(['$schema', 'url', 'context', 'output', 'timeout']);
let found: { readonly cwd: string; readonly project: Project | undefined } | undefined;

/**
 * The nearest `devicehive.config.json`, from the working folder up to the repository's root. Throws a usage `Failure`.
 */
export function findProject(cwd: string): Project | undefined {
  if (found?.cwd !== cwd) found = { cwd, project: search(cwd) };
  return found.project;
}

function search(cwd: string): Project | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const file = join(folder, 'devicehive.config.json');
    if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return read(file);
    if (dirname(folder) === folder || existsSync(join(folder, '.git'))) return undefined;
  }
}

function read(file: string): Project {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new Failure('usage', `${file} cannot be read: ${messageOf(error)}`, {
      hint: 'It must be a JSON object, such as {"url": "ws://host:8080"}.',
      cause: error,
    });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new Failure('usage', `${file} must hold a JSON object`, { hint: 'Such as {"url": "ws://host:8080"}.' });
  }
  const secret = Object.keys(content).find((key) => /token|password|login|secret/i.test(key));
  if (secret !== undefined) {
    throw new Failure('usage', `${file} must not hold '${secret}': the file is made to be committed`, {
      hint: 'Keep secrets in the environment or in a token file.',
    });
  }
  const stranger = Object.keys(content).find((key) => !known.has(key));
  if (stranger !== undefined)
    throw new Failure('usage', `${file}: '${stranger}' is no setting`, {
      hint: `Settings are ${[...known].slice(1).join(', ')}.`,
    });
  const wrong = Object.entries(content).find(([, value]) => typeof value !== 'string');
  if (wrong !== undefined)
    throw new Failure('usage', `${file}: '${wrong[0]}' must be a text`, { hint: 'Put the value in quotes.' });
  if ('url' in content && 'context' in content)
    throw new Failure('usage', `${file}: 'url' and 'context' name two servers`, { hint: 'Keep one of them.' });
  return { file, ...(content as Omit<Project, 'file'>) };
}
