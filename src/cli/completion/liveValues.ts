import type { Connection, Credentials } from '../../client/index.ts';
import { isFrame, type Frame } from '../../protocol/frames.ts';
import { readToken } from '../../protocol/tokens.ts';
import type { Flag } from '../flags.ts';
import type { Io } from '../io.ts';
import { requestSettings, targetOf, type CommonValues, type Target } from '../settings.ts';
import type { Item, Line } from './values.ts';

/** One cheap request whose reply lists the values of a field. */
interface Source {
  readonly action: string;
  readonly list: string;
  readonly meaning: (item: Frame) => unknown;
  /** Only where the device is known. */
  readonly ofDevice?: true;
}

const networks: Source = { action: 'network/list', list: 'networks', meaning: ({ name }) => name };
const deviceTypes: Source = { action: 'devicetype/list', list: 'deviceTypes', meaning: ({ name }) => name };

/** By the last name of a field's path. */
const sources: Readonly<Record<string, Source>> = {
  deviceId: { action: 'device/list', list: 'devices', meaning: ({ name }) => name },
  networkId: networks,
  networkIds: networks,
  deviceTypeId: deviceTypes,
  deviceTypeIds: deviceTypes,
  userId: { action: 'user/list', list: 'users', meaning: ({ login }) => login },
  commandId: { action: 'command/list', list: 'commands', meaning: messageMeaning, ofDevice: true },
  notificationId: { action: 'notification/list', list: 'notifications', meaning: messageMeaning, ofDevice: true },
};

function messageMeaning({ command, notification, status }: Frame): string {
  return [command, notification, status].filter((part) => typeof part === 'string').join(', ');
}

const take = 200;

/** What the server that the line names has for this field: one request, with a token that is at hand. Rejects, with whatever, where that does not work at once. */
export async function liveValues(field: Flag, { words, leaf }: Line, io: Io): Promise<readonly Item[]> {
  const source = sources[field.path.at(-1) ?? ''];
  if (source === undefined || leaf === undefined) return [];
  leaf.parseOptions([...words]);
  const values: CommonValues & { readonly device?: string } = leaf.opts();
  if (source.ofDevice === true && values.device === undefined) return [];
  const payload = source.ofDevice === true ? { deviceId: values.device, take } : { take };
  await using conversation = await opened(values, io);
  if (conversation === undefined) return [];
  const { reply } = await conversation.connection.request(source.action, payload);
  const list = reply[source.list];
  return Array.isArray(list) ? list.filter(isFrame).flatMap((item) => itemOf(item, source)) : [];
}

function itemOf(item: Frame, { meaning }: Source): Item[] {
  const { id } = item;
  const told = meaning(item);
  const isId = typeof id === 'string' || typeof id === 'number';
  return isId ? [{ value: String(id), meaning: typeof told === 'string' ? told : '' }] : [];
}

interface Opened extends AsyncDisposable {
  readonly connection: Connection;
}

/** Connects where a token is at hand that is still good: nobody logs in, and nothing is refreshed, because a key was pressed. */
async function opened(values: CommonValues, io: Io): Promise<Opened | undefined> {
  const target = await targetOf(values, io);
  const { ca } = requestSettings(values, io);
  const server = target.kind === 'embedded' ? await (await import('../../server/index.ts')).startServer() : undefined;
  const token = target.credentials?.accessToken ?? server?.accessToken;
  if (token === undefined || isOver(token)) {
    await server?.close();
    return undefined;
  }
  const { connect } = await import('../../client/index.ts');
  const connection = await connect({
    url: target.kind === 'url' ? target.url : (server?.url ?? ''),
    credentials: { accessToken: token },
    probe: false,
    proxy: isElsewhere(target),
    signal: io.signal,
    ...(ca === undefined ? {} : { ca }),
  });
  return {
    connection,
    [Symbol.asyncDispose]: async () => {
      await connection.close();
      await server?.close();
    },
  };
}

function isOver(token: NonNullable<Credentials['accessToken']>): boolean {
  const expiresAtMs = readToken(token)?.expiresAtMs;
  return expiresAtMs !== undefined && expiresAtMs <= Date.now();
}

function isElsewhere(target: Target): boolean {
  return target.kind === 'url' && target.from !== 'local';
}
