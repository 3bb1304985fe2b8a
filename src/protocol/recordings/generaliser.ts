import { idIn } from './agreement.ts';
import { isFrame, type Frame } from '../frames.ts';
import { mask } from '../redaction.ts';
import { own } from '../own.ts';

/** How times and the user's own id are generalised. */
export interface GeneraliserOptions {
  /**
   * The times that the client sends somewhere in the recording. Where the server said one of them first, it becomes a
   * bound placeholder, so that a replay sends its own server's time. `any` keeps only the shape of every time.
   */
  readonly times: ReadonlySet<string> | 'any';
  /** The id of the user who made the recording. A replay binds the id of its own user to `Generaliser.ownUser`. */
  readonly ownUserId?: number;
}

/** Matches a time as DeviceHive writes it (PROTOCOL.md 6.1). */
export const timestampPattern = /^\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}$/;

/** Kinds of things that have ids, by the names of the fields that hold them (PROTOCOL.md 6). */
const kinds: Readonly<Record<string, string>> = {
  command: 'command',
  commands: 'command',
  notification: 'notification',
  notifications: 'notification',
  network: 'network',
  networks: 'network',
  deviceType: 'deviceType',
  deviceTypes: 'deviceType',
  user: 'user',
  users: 'user',
  current: 'user',
  subscription: 'subscription',
  subscriptions: 'subscription',
  configuration: 'configuration',
};

/**
 * Matches ids in the texts of error replies: `Network with id 7`, `Command with id = 7`, `Device types with such
 * deviceTypeIds wasn't found: {[7, 8]}`.
 */
const spokenId =
  /\b(subscription|command|notification|device ?type|network|user)s? with (?:id (?:= )?|such \w+Ids wasn't found: \{\[)[\d, ]*\d\b(?![-.])/gi;

/** Placeholder number of the recording's own user; other ids are numbered from 1. */
const ownUserNumber = 0;

/** Fields about the server itself, which differ in each run. */
const ofServer: ReadonlySet<string> = new Set(['restServerUrl', 'webSocketServerUrl', 'entityVersion']);

/**
 * Turns the frames of a recorded conversation, taken in order, into patterns for `agree` and `filled`. Ids and times
 * that the server chose and redacted values become placeholders; values that the client sent first stay. `requestId` is
 * left out, because each run numbers its own requests.
 */
export class Generaliser {
  readonly #times: GeneraliserOptions['times'];
  /** Ids by kind: the placeholder's number, or `said` where the client sent the id first. */
  readonly #ids = new Map<string, Map<number, number | 'said'>>();
  readonly #timeNumbers = new Map<string, number | 'said'>();
  #lastNumber = 0;

  constructor({ times, ownUserId }: GeneraliserOptions) {
    this.#times = times;
    if (ownUserId !== undefined) this.#ids.set('user', new Map([[ownUserId, ownUserNumber]]));
  }

  /** The name to which a replay binds the id of its own user. */
  static get ownUser(): string {
    return `id:${ownUserNumber}`;
  }

  /** Returns the pattern of a request. */
  sent(frame: Frame): Frame {
    return this.#frame(frame, true);
  }

  /** Returns the pattern of a reply or a push. */
  received(frame: Frame): Frame {
    return this.#frame(frame, false);
  }

  #frame({ requestId: _requestId, ...rest }: Frame, isSent: boolean): Frame {
    return this.#object(rest, undefined, isSent);
  }

  /** `kind` is the kind of thing that this object is: its `id` is an id of that kind. */
  #object(object: Frame, kind: string | undefined, isSent: boolean): Frame {
    const entries = Object.entries(object).map(([name, value]): [string, unknown] => {
      if (!isSent && ofServer.has(name)) return [name, '${any}'];
      if (name === 'error' && !isSent && typeof value === 'string') return [name, this.#errorText(value)];
      return [name, this.#value(value, idKind(name, kind), own(kinds, name), isSent)];
    });
    return Object.fromEntries(entries);
  }

  #value(value: unknown, idOf: string | undefined, inside: string | undefined, isSent: boolean): unknown {
    if (typeof value === 'string') return this.#text(value, idOf, isSent);
    if (typeof value === 'number') return idOf === undefined ? value : this.#id(value, idOf, isSent);
    if (Array.isArray(value)) return value.map((item) => this.#value(item, idOf, inside, isSent));
    return isFrame(value) ? this.#object(value, inside, isSent) : value;
  }

  #id(id: number, kind: string, isSent: boolean): unknown {
    if (!Number.isInteger(id)) return id;
    const number = this.#numberOf(id, kind, isSent);
    return number === 'said' ? id : `\${id:${number}}`;
  }

  #numberOf(id: number, kind: string, isSent: boolean): number | 'said' {
    let ids = this.#ids.get(kind);
    if (ids === undefined) this.#ids.set(kind, (ids = new Map<number, number | 'said'>()));
    let number = ids.get(id);
    if (number === undefined) ids.set(id, (number = isSent ? 'said' : ++this.#lastNumber));
    return number;
  }

  #text(text: string, idOf: string | undefined, isSent: boolean): string {
    if (!isSent && text.includes(mask)) return '${any}';
    if (timestampPattern.test(text)) return this.#time(text, isSent);
    const id = idOf === undefined ? undefined : idIn(text);
    const number = id === undefined || idOf === undefined ? 'said' : this.#numberOf(id, idOf, isSent);
    return number === 'said' ? literal(text) : `\${idText:${number}}`;
  }

  #time(text: string, isSent: boolean): string {
    if (this.#times === 'any') return '${timestamp}';
    if (!this.#times.has(text)) return '${timestamp}';
    let number = this.#timeNumbers.get(text);
    if (number === undefined) this.#timeNumbers.set(text, (number = isSent ? 'said' : ++this.#lastNumber));
    return number === 'said' ? text : `\${time:${number}}`;
  }

  /**
   * Replaces ids in an error's text, but only known ids of the kind that the text names: other digits may be anything,
   * such as part of a device's name.
   */
  #errorText(text: string): string {
    if (text.includes(mask)) return '${any}';
    return literal(text).replace(spokenId, (spoken, kind: string) => {
      const ids = this.#ids.get(own(kinds, camelCase(kind)) ?? '');
      return spoken.replace(/\d+/g, (digits) => {
        const number = ids?.get(idIn(digits) ?? Number.NaN);
        return typeof number === 'number' ? `\${id:${number}}` : digits;
      });
    });
  }
}

/** Returns the field name for a kind as error texts spell it: `Device type` is `deviceType`. */
function camelCase(words: string): string {
  return words.toLowerCase().replace(/ ?type/, 'Type');
}

/**
 * Returns the kind of thing whose id a field holds: `id` belongs to the object around it, `networkId` and `networkIds`
 * to networks. Undefined where the field holds no id.
 */
function idKind(name: string, kind: string | undefined): string | undefined {
  if (name === 'id') return kind;
  const base = /^(\w+)Ids?$/.exec(name)?.[1];
  return base === undefined ? undefined : own(kinds, base);
}

/** Escapes a text so that nothing in it is a placeholder. */
function literal(text: string): string {
  return text.replaceAll('${', '${dollar}{');
}
