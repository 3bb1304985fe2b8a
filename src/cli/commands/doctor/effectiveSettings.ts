import { proxies } from '../../../client/index.ts';
import { join } from 'node:path';
import { configFolder } from '../../target/contexts/folder.ts';
import type { Io } from '../../terminal/io.ts';
import { findProject } from '../../flags/projectFile.ts';
import { shownUrl } from '../../target/serverUrl.ts';
import { namedServer, type CommonValues, type Target } from '../../target/serverName.ts';
import { defaulted, type FlagContext } from '../../flags/sharedValues.ts';

/** The origin of a setting. */
export type SettingSource = 'flag' | 'environment' | 'project' | 'context' | 'local' | 'default';

/** One setting in force, and its origin: a flag, a variable, a file. */
export interface Setting {
  readonly name: string;
  readonly value: string | null;
  readonly from: SettingSource;
  readonly at: string | null;
}

/** Returns the settings in force as functions, because reading some of them may throw. */
export function effectiveSettings(
  target: Target | undefined,
  context: FlagContext<CommonValues>,
): (() => Setting | Promise<Setting>)[] {
  const { io, values } = context;
  return [
    () => serverSetting(target, context),
    () => tokenSetting(target),
    () => found('timeout', defaulted('timeout', values.timeout, io), '10s'),
    () => flagOr('connect-timeout', values.connectTimeout, '5s'),
    () => flagOr('retry', values.retry, '0'),
    ...connectionSettings(target, context),
    () => proxySetting(target),
    () => found('output', defaulted('output', values.json === true ? 'json' : values.output, io), null),
    () => inputSetting(context),
    () => colorSetting(context),
    () => ({ name: 'project-file', value: findProject(io.cwd)?.file ?? null, from: 'default', at: null }),
    () => folderSetting(io),
  ];
}

/** Returns certificates and headers; of headers only the names. */
function connectionSettings(target: Target | undefined, { values }: FlagContext<CommonValues>): (() => Setting)[] {
  const kept = target?.kind === 'url' ? target.connection : undefined;
  const of = (name: string, given: string | undefined, saved: string | undefined) => (): Setting =>
    given === undefined && saved !== undefined
      ? { name, value: saved, from: 'context', at: null }
      : flagOr(name, given, null);
  const names = (header: readonly string[] | undefined) => header?.map((text) => text.split(':')[0]).join(', ');
  const isInsecure = (value: boolean | undefined) => (value === true ? 'true' : undefined);
  return [
    of('ca', values.ca, kept?.ca),
    of('cert', values.cert, kept?.cert),
    of('header', names(values.header), names(kept?.header)),
    of('tls-insecure', isInsecure(values.tlsInsecure), isInsecure(kept?.tlsInsecure)),
  ];
}

/** Returns the proxy on the way to the server, without its login. */
async function proxySetting(target: Target | undefined): Promise<Setting> {
  const none: Setting = { name: 'proxy', value: null, from: 'default', at: null };
  if (target?.kind !== 'url' || target.from === 'local') return none;
  const { proxyFor } = await proxies();
  const proxy = proxyFor(new URL(target.url));
  return proxy === undefined ? none : { name: 'proxy', value: proxy.url.host, from: 'environment', at: proxy.variable };
}

function serverSetting(target: Target | undefined, given: FlagContext<CommonValues>): Setting {
  const { io } = given;
  const named = namedServer(given);
  if (target === undefined)
    return named === undefined
      ? { name: 'server', value: null, from: 'default', at: null }
      : { name: 'server', value: shownUrl(named.text), from: named.from, at: named.at };
  if (target.kind === 'embedded' || target.from === 'embedded')
    return { name: 'server', value: 'embedded', from: 'flag', at: '--embedded' };
  const { url, from, context, credentials } = target;
  const inUse = `context ${context ?? ''} in ${join(configFolder(io), 'contexts.json')}`;
  const at = named?.at ?? (from === 'context' ? inUse : (credentials?.at ?? null));
  return { name: 'server', value: shownUrl(url), from, at };
}

/** Returns the kind of the credentials, never the credentials themselves. */
function tokenSetting(target: Target | undefined): Setting {
  const credentials = target?.credentials;
  if (credentials === undefined) {
    const value = target?.kind === 'embedded' ? 'those of the embedded server' : null;
    return { name: 'token', value, from: 'default', at: null };
  }
  const { accessToken, refreshToken, login, at } = credentials;
  const parts = [
    accessToken === undefined ? '' : 'access token',
    refreshToken === undefined ? '' : 'refresh token',
    login === undefined ? '' : `login ${login}`,
  ];
  return { name: 'token', value: parts.filter((part) => part !== '').join(', '), from: sourceOf(at, target), at };
}

function sourceOf(at: string, target: Target | undefined): SettingSource {
  if (at.startsWith('--')) return 'flag';
  if (/^[A-Z_]+$/.test(at)) return 'environment';
  return target?.kind === 'url' && target.from === 'local' ? 'local' : 'context';
}

/** Returns a setting with its origin: flag, variable or project file; the fallback if none of them sets it. */
function found(name: string, value: ReturnType<typeof defaulted>, fallback: string | null): Setting {
  if (value === undefined) return { name, value: fallback, from: 'default', at: null };
  const isFile = value.at.includes(' in ');
  const from = value.at.startsWith('--') ? 'flag' : isFile ? 'project' : 'environment';
  return { name, value: value.text, from, at: isFile ? value.at.replace(/^.*? in /, '') : value.at };
}

function flagOr(name: string, value: string | undefined, fallback: string | null): Setting {
  return value === undefined
    ? { name, value: fallback, from: 'default', at: null }
    : { name, value, from: 'flag', at: `--${name}` };
}

/** Returns the first of these variables that is set. */
function variableOf(names: readonly string[], io: Io): string | undefined {
  return names.find((name) => (io.env[name] ?? '') !== '');
}

function inputSetting({ io, values }: FlagContext<CommonValues>): Setting {
  const name = 'input';
  if (values.input === false) return { name, value: 'never asked for', from: 'flag', at: '--no-input' };
  const variable = variableOf(['DEVICEHIVE_NO_INPUT', 'CI'], io);
  const isOff = variable !== undefined && !['0', 'false'].includes(io.env[variable] ?? '');
  if (isOff) return { name, value: 'never asked for', from: 'environment', at: variable };
  return { name, value: 'asked for on a terminal', from: 'default', at: null };
}

function colorSetting({ io, values }: FlagContext<CommonValues>): Setting {
  const name = 'color';
  if (values.color === false) return { name, value: 'never', from: 'flag', at: '--no-color' };
  if (typeof values.color === 'string') return { name, value: values.color, from: 'flag', at: '--color' };
  const variable = variableOf(['NO_COLOR', 'FORCE_COLOR'], io);
  if (variable === undefined) return { name, value: 'auto', from: 'default', at: null };
  return { name, value: variable === 'NO_COLOR' ? 'never' : 'always', from: 'environment', at: variable };
}

function folderSetting(io: Io): Setting {
  const value = configFolder(io);
  const names = ['DEVICEHIVE_CONFIG_DIR', ...(process.platform === 'win32' ? ['APPDATA'] : []), 'XDG_CONFIG_HOME'];
  const variable = variableOf(names, io);
  return {
    name: 'config-folder',
    value,
    from: variable === undefined ? 'default' : 'environment',
    at: variable ?? null,
  };
}
