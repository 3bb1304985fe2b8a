import { resolve } from 'node:path';
import { Failure } from '../../errors.ts';
import type { ConnectOptions } from '../../client/index.ts';
import { headerProblem } from '../../protocol/handshakeHeaders.ts';
import { lineIn, readOwnFile } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { dangers } from '../flags/dangers.ts';

/** How a server is reached besides its URL, as flags or a context say it: files by their names. */
export interface ConnectionFlags {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** `Name: value`, or `Name: @file`. */
  readonly header?: readonly string[];
  readonly tlsInsecure?: boolean;
}

type ConnectionOptions = Pick<ConnectOptions, 'ca' | 'cert' | 'key' | 'headers' | 'insecureTls'>;

/** Those of these values that are about the connection; undefined where none is. */
export function connectionFlags({ ca, cert, key, header, tlsInsecure }: ConnectionFlags): ConnectionFlags | undefined {
  const flags = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(header === undefined ? {} : { header }),
    ...(tlsInsecure === true ? { tlsInsecure } : {}),
  };
  return Object.keys(flags).length === 0 ? undefined : flags;
}

/** The flags of a command line over those of a context: a certificate brings its own key, and headers add up. */
export function joined(given: ConnectionFlags, kept: ConnectionFlags = {}): ConnectionFlags {
  const names = new Set((given.header ?? []).map(nameOf));
  const header = [...(kept.header ?? []).filter((text) => !names.has(nameOf(text))), ...(given.header ?? [])];
  const { cert: _cert, key: _key, ...rest } = kept;
  const base = given.cert === undefined && given.key === undefined ? kept : rest;
  return { ...base, ...connectionFlags(given), ...(header.length === 0 ? {} : { header }) };
}

/** The same flags with files by their whole paths, so that they mean the same in another folder. */
export function anchored({ ca, cert, key, header, tlsInsecure }: ConnectionFlags, cwd: string): ConnectionFlags {
  const placed = (file: string) => resolve(cwd, file);
  return {
    ...(ca === undefined ? {} : { ca: placed(ca) }),
    ...(cert === undefined ? {} : { cert: placed(cert) }),
    ...(key === undefined ? {} : { key: placed(key) }),
    ...(header === undefined
      ? {}
      : {
          header: header.map((text) =>
            text.replace(/^([^:]*:\s*@)(.*)$/, (_all, at: string, file: string) => `${at}${placed(file)}`),
          ),
        }),
    ...(tlsInsecure === true ? { tlsInsecure } : {}),
  };
}

/** Reads the files that the flags name, for a connection to this URL. Throws a usage `Failure`. */
export function connectionOptions(flags: ConnectionFlags, url: string, io: Io): ConnectionOptions {
  const { ca, cert, key, header, tlsInsecure } = flags;
  if (key !== undefined && cert === undefined)
    throw new Failure('usage', '--key needs --cert, the certificate that it belongs to', { hint: 'Give both.' });
  if (tlsInsecure === true && /^wss:/i.test(url)) io.danger(dangers.tlsInsecure);
  return {
    ...(ca === undefined ? {} : { ca: readOwnFile(ca, '--ca') }),
    ...(cert === undefined ? {} : { cert: readOwnFile(cert, '--cert') }),
    ...(key === undefined ? {} : { key: readOwnFile(key, '--key') }),
    ...(header === undefined ? {} : { headers: headersOf(header, io) }),
    ...(tlsInsecure === true ? { insecureTls: true } : {}),
  };
}

function headersOf(given: readonly string[], io: Io): Readonly<Record<string, string>> {
  const headers = new Map<string, readonly [name: string, value: string]>();
  for (const text of given) {
    const [name, value] = headerOf(text, io);
    const problem = headerProblem(name, value) ?? (headers.has(nameOf(text)) ? `gives ${name} twice` : undefined);
    if (problem !== undefined) throw wrong(problem);
    headers.set(nameOf(text), [name, value]);
  }
  return Object.fromEntries(headers.values());
}

/** A value that begins with `@` is in a file. */
function headerOf(text: string, io: Io): readonly [name: string, value: string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw wrong('has no colon behind its name');
  const name = text.slice(0, colon).trim();
  const value = text.slice(colon + 1).trim();
  if (value.startsWith('@')) return [name, lineIn(readOwnFile(value.slice(1), `--header ${name}`)).trim()];
  if (isSecretHeader(name)) io.danger(dangers.header);
  return [name, value];
}

/** True for headers whose values are secrets by their names. */
export function isSecretHeader(name: string): boolean {
  return /auth|cookie|token|key|secret|passw|credential|session|signature/i.test(name);
}

function wrong(problem: string): Failure {
  return new Failure('usage', `--header ${problem}`, {
    hint: "Write --header 'Name: value', or --header 'Name: @FILE' where the value is a secret.",
  });
}

function nameOf(text: string): string {
  return text
    .slice(0, Math.max(text.indexOf(':'), 0))
    .trim()
    .toLowerCase();
}

/** The flags as they may be shown: of headers the names alone. */
export function shownConnection({ header, ...files }: ConnectionFlags): Readonly<Record<string, unknown>> {
  const names = header?.map((text) => text.slice(0, text.indexOf(':')).trim());
  return { ...files, ...(names === undefined ? {} : { headers: names }) };
}
