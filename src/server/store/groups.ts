/** A network or a device type: what devices are grouped by (protocol.md 6.5, 6.6). */
export interface Group {
  readonly id: number;
  name: string;
  description: string | null;
}

/** All networks, or all device types; names are unique. */
export class GroupStore {
  readonly #byId = new Map<number, Group>();
  #lastId = 0;

  find(id: number | bigint): Group | undefined {
    return this.#byId.get(id as number);
  }

  byName(name: string): Group | undefined {
    return this.all().find((group) => group.name === name);
  }

  all(): Group[] {
    return [...this.#byId.values()];
  }

  insert(name: string, description: string | null): Group {
    const group = { id: ++this.#lastId, name, description };
    this.#byId.set(group.id, group);
    return group;
  }

  delete(group: Group): void {
    this.#byId.delete(group.id);
  }
}
