import { NamedStore } from './entities.ts';

/** A configuration property of the server (PROTOCOL.md 6.8). */
export interface Property {
  readonly id: number;
  readonly name: string;
  readonly value: string;
  /** 0 at first, plus one for each change. */
  readonly entityVersion: number;
}

/** The property that holds the secret for signing tokens (PROTOCOL.md 3.1). */
export const secretName = 'jwt.secret';

/** The configuration properties of the server, by name. */
export class ConfigurationStore extends NamedStore<Property> {
  constructor() {
    super(({ name }) => name);
  }

  /** Returns a property's value as a number; the default where it is missing or not a number. */
  number(name: string, byDefault: number): number {
    const value = Number(this.byName(name)?.value ?? byDefault);
    return Number.isNaN(value) ? byDefault : value;
  }

  /** Sets a property. Returns its previous version, or undefined if it is new. */
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
