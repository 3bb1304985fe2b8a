/** A property of the server (protocol.md 6.8). */
export interface Property {
  readonly id: number;
  readonly name: string;
  value: string;
  /** 0 at first, one more with each change. */
  entityVersion: number;
}

/** The properties of the server, by name. */
export class ConfigurationStore {
  readonly #byName = new Map<string, Property>();
  #lastId = 0;

  find(name: string): Property | undefined {
    return this.#byName.get(name);
  }

  /** The value of a property as a number; the default where there is none. */
  number(name: string, byDefault: number): number {
    const value = Number(this.#byName.get(name)?.value ?? byDefault);
    return Number.isNaN(value) ? byDefault : value;
  }

  insert(name: string, value: string): Property {
    const property = { id: ++this.#lastId, name, value, entityVersion: 0 };
    this.#byName.set(name, property);
    return property;
  }

  delete(name: string): boolean {
    return this.#byName.delete(name);
  }
}
