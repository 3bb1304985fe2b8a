import { connect, listReader, type ConnectOptions, type Connection } from '../../../../client/index.ts';
import { Failure } from '../../../../errors.ts';
import { isFrame, type Frame } from '../../../../protocol/frames.ts';
import { own } from '../../../../protocol/own.ts';

/**
 * The kinds of things that a verification can create, in the order in which they can be removed: devices lie in
 * networks.
 */
const kinds = ['device', 'network', 'devicetype', 'user', 'configuration'] as const;
type Kind = (typeof kinds)[number];

/** The field that names a thing, in requests. */
const idFields: Readonly<Record<Kind, string>> = {
  device: 'deviceId',
  network: 'networkId',
  devicetype: 'deviceTypeId',
  user: 'userId',
  configuration: 'name',
};

/** Lists that find things by the beginning of their names. */
const lists: Readonly<Partial<Record<Kind, readonly [pattern: string, name: string]>>> = {
  device: ['namePattern', 'name'],
  network: ['namePattern', 'name'],
  devicetype: ['namePattern', 'name'],
  user: ['loginPattern', 'login'],
};

/** How often removing is tried: it may uncover more, and late requests may still make something. */
const rounds = 3;

/** Remembers what a verification creates, and removes it. */
export class Removal {
  readonly #prefix: string;
  /** The created things by kind: ids, each with a name for people. */
  readonly #made = new Map<Kind, Map<string | number, string>>(kinds.map((kind) => [kind, new Map()]));
  /** Creating requests without a reply: nobody knows whether they took effect. */
  readonly #unanswered = new Set<Frame>();
  /** The removed things, as text. */
  readonly removed: string[] = [];
  /** Kinds that the server did not list, and why. */
  readonly unlisted = new Map<Kind, Failure>();

  /** `prefix` begins the name of everything that is created. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Notes a request if it creates something; until it is refused, it may have succeeded. */
  sent(request: Frame): void {
    if (makes(request)) this.#unanswered.add(request);
  }

  /** Notes a reply: the new id of an insert, the known one of a save, the end of a deleted thing. */
  replied(request: Frame, reply: Frame): void {
    this.#unanswered.delete(request);
    const [noun, verb] = String(request['action']).split('/');
    const kind = kinds.find((known) => known === noun);
    if (reply['status'] !== 'success' || kind === undefined) return;
    if (verb === 'delete') this.#made.get(kind)?.delete(own(request, idFields[kind]) as string | number);
    if (verb === 'save' || verb === 'put') this.#addNamed(kind, request);
    const inserted = verb === 'insert' ? reply[kind === 'devicetype' ? 'deviceType' : kind] : undefined;
    if (isFrame(inserted) && typeof inserted['id'] === 'number') this.#add(kind, inserted['id'], '');
  }

  /**
   * Removes everything, over a separate connection that no signal ends. Returns what remains, as text. Never throws an
   * expected failure.
   */
  async sweep(options: ConnectOptions): Promise<readonly string[]> {
    for (const request of this.#unanswered) {
      if (request['action'] === 'device/save') this.#addNamed('device', request);
      if (request['action'] === 'configuration/put') this.#addNamed('configuration', request);
    }
    try {
      await using connection = await connect(options);
      for (let round = 1; round <= rounds; round++) {
        await this.#find(connection);
        if (this.#count === 0) break;
        await this.#remove(connection);
      }
      return [...this.#left(), ...(this.#isSilent ? [this.#unknown] : [])];
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return [...this.#left(), this.#unknown];
    }
  }

  /**
   * Adds those of these settings that the server has, because settings cannot be listed. Throws a `Failure` if it is
   * silent.
   */
  async findSettings(names: readonly string[], connection: Connection): Promise<void> {
    for (const name of names) {
      try {
        await connection.request('configuration/get', { name });
        this.#add('configuration', name, name);
      } catch (error) {
        if (!(error instanceof Failure) || error.reply === undefined) throw error;
        if (error.kind === 'auth') this.unlisted.set('configuration', error);
      }
    }
  }

  get #unknown(): string {
    return `whatever else has a name that begins with ${this.#prefix}`;
  }

  /** True if lists are not answered: then only known things are removed. */
  get #isSilent(): boolean {
    return [...this.unlisted.values()].some(({ reply }) => reply === undefined);
  }

  #left(): readonly string[] {
    return kinds.flatMap((kind) => [...(this.#made.get(kind) ?? [])].map(([id, name]) => inWords(kind, id, name)));
  }

  /** True if anything has been created. */
  get isNeeded(): boolean {
    return this.#count > 0;
  }

  get #count(): number {
    return [...this.#made.values()].reduce((sum, { size }) => sum + size, 0);
  }

  #isOurs(name: unknown): name is string {
    return typeof name === 'string' && name.startsWith(this.#prefix);
  }

  #add(kind: Kind, id: string | number, name: string): void {
    this.#made.get(kind)?.set(id, name);
  }

  #addNamed(kind: Kind, request: Frame): void {
    const name = own(request, idFields[kind]);
    if (this.#isOurs(name)) this.#add(kind, name, name);
  }

  /** Adds things that the server lists under the prefix: a lost reply revealed no id. */
  async #find(connection: Connection): Promise<void> {
    for (const kind of kinds) {
      const [pattern, nameField] = lists[kind] ?? [];
      if (pattern === undefined || nameField === undefined || this.#isSilent) continue;
      try {
        await this.#findOf(kind, { [pattern]: `${this.#prefix}%` }, nameField, connection);
        this.unlisted.delete(kind);
      } catch (error) {
        if (!(error instanceof Failure) || !(error.reply !== undefined || error.kind === 'timeout')) throw error;
        this.unlisted.set(kind, error);
      }
    }
  }

  async #findOf(kind: Kind, filter: Frame, nameField: string, connection: Connection): Promise<void> {
    const ask = async (action: string, payload: Frame) => (await connection.request(action, payload)).reply;
    const { listAll } = await listReader();
    for await (const page of listAll(ask, `${kind}/list`, filter)) {
      for (const { id, [nameField]: name } of page.filter(isFrame)) {
        if ((typeof id === 'string' || typeof id === 'number') && this.#isOurs(name)) this.#add(kind, id, name);
      }
    }
  }

  async #remove(connection: Connection): Promise<void> {
    for (const kind of kinds) {
      const made = this.#made.get(kind) ?? new Map<string | number, string>();
      for (const [id, name] of [...made]) {
        const reply = await tried(connection, `${kind}/delete`, { [idFields[kind]]: id });
        if (reply?.['status'] === 'success') this.removed.push(inWords(kind, id, name));
        if (reply?.['status'] === 'success' || reply?.['code'] === 404) made.delete(id);
      }
    }
  }
}

function inWords(kind: Kind, id: string | number, name: string): string {
  return name === '' || name === id ? `${kind} ${id}` : `${kind} ${id} (${name})`;
}

/** True if a request creates something that stays. */
function makes({ action }: Frame): boolean {
  return (
    typeof action === 'string' && /^(network|devicetype|user)\/insert$|^device\/save$|^configuration\/put$/.test(action)
  );
}

/** Returns the reply, refusals included. Throws a `Failure` if there is none. */
async function tried(connection: Connection, action: string, payload: Frame): Promise<Frame | undefined> {
  try {
    return (await connection.request(action, payload)).reply;
  } catch (error) {
    if (error instanceof Failure && error.reply !== undefined) return error.reply;
    throw error;
  }
}
