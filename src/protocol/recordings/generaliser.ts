import { idIn } from './agreement.ts';
import { isFrame, type Frame } from '../frames.ts';
import { mask } from '../redact.ts';
import { own } from '../own.ts';

/** What is made of times. */
export interface GeneraliserOptions {
  /**
   * The times that the client says somewhere in the recording: where the server said one of them first, it is bound, so
   * that the client's can be replaced by that of another run. `any` leaves only the shape of every time, whoever said
   * it.
   */
  readonly times: ReadonlySet<string> | 'any';
  /**
   * The id that the user whose recording it is had: it stands for the user of another run, whose id is bound to
   * `Generaliser.ownUser`.
   */
  readonly ownUserId?: number;
}

/** A time as DeviceHive writes it (PROTOCOL.md 6.1). */
export const timestampPattern = /^\d{4,}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}$/;

/** What the server gives ids to, by the name of the field that holds one of them (PROTOCOL.md 6). */
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
 * How the texts of error replies name what has an id: `Network with id 7`, `Command with id = 7`, `Device types with
 * such deviceTypeIds wasn't found: {[7, 8]}`.
 */
const spokenId =
  /\b(subscription|command|notification|device ?type|network|user)s? with (?:id (?:= )?|such \w+Ids wasn't found: \{\[)[\d, ]*\d\b(?![-.])/gi;

/** The other ids are numbered from 1 on. */
const ownUserNumber = 0;

/** Where a server tells about itself or its past, which no other run repeats. */
const ofServer: ReadonlySet<string> = new Set(['restServerUrl', 'webSocketServerUrl', 'entityVersion']);

/**
 * Turns the frames of a recorded conversation, taken in their order, into patterns for `agree` and `filled`: ids and
 * times that the server chose become placeholders, and so does what was redacted. What the client said first stays what
 * it is. `requestId` is left out: each run numbers its own requests.
 */
export class Generaliser {
  readonly #times: GeneraliserOptions['times'];
  /** Ids by kind: the placeholder's number, or that the client said it first. */
  readonly #ids = new Map<string, Map<number, number | 'said'>>();
  readonly #timeNumbers = new Map<string, number | 'said'>();
  #lastNumber = 0;

  constructor({ times, ownUserId }: GeneraliserOptions) {
    this.#times = times;
    if (ownUserId !== undefined) this.#ids.set('user', new Map([[ownUserId, ownUserNumber]]));
  }

  /** What the id of the user whose recording it is is bound to. */
  static get ownUser(): string {
    return `id:${ownUserNumber}`;
  }

  /** The pattern of a request. */
  sent(frame: Frame): Frame {
    return this.#frame(frame, true);
  }

  /** The pattern of a reply or a push. */
  received(frame: Frame): Frame {
    return this.#frame(frame, false);
  }

  #frame({ requestId: _requestId, ...rest }: Frame, isSent: boolean): Frame {
    return this.#object(rest, undefined, isSent);
  }

  /** `kind` is what an `id` in this object is the id of. */
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
   * An id in a text is one that is known already, of what the text speaks of; other digits may be anything, such as a
   * part of a device's name.
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

/** The name of a field for what a text calls `Device type`. */
function camelCase(words: string): string {
  return words.toLowerCase().replace(/ ?type/, 'Type');
}

/** What a field holds the id of: `id` of what it lies in, `networkId` and `networkIds` of networks. */
function idKind(name: string, kind: string | undefined): string | undefined {
  if (name === 'id') return kind;
  const base = /^(\w+)Ids?$/.exec(name)?.[1];
  return base === undefined ? undefined : own(kinds, base);
}

/** A text in which nothing is a placeholder. */
function literal(text: string): string {
  return text.replaceAll('${', '${dollar}{');
}
