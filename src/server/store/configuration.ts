import { NamedStore } from './entities.ts';

/** A property of the server (PROTOCOL.md 6.8). */
export interface Property {
  readonly id: number;
  readonly name: string;
  readonly value: string;
  /** 0 at first, one more with each change. */
  readonly entityVersion: number;
}

/** The property that holds the secret which signs tokens (PROTOCOL.md 3.1). */
export const secretName = 'jwt.secret';

/** The properties of the server, by name. */
export class ConfigurationStore extends NamedStore<Property> {
  constructor() {
    super(({ name }) => name);
  }

  /** The value of a property as a number; the default where there is none. */
  number(name: string, byDefault: number): number {
    const value = Number(this.byName(name)?.value ?? byDefault);
    return Number.isNaN(value) ? byDefault : value;
  }

  /** Gives a property this value; undefined where it is new, else the version before. */
  put(name: string, value: string): number | undefined {
    const known = this.byName(name);
    if (known === undefined) {
      this.insert({ name, value, entityVersion: 0 });
      return undefined;
    }
    const before = known.entityVersion;
    this.update(known, { value, entityVersion: before + 1 });
    return before;
  }
}
