/**
 * Entities of one kind, by id. They are made, changed and removed here alone, so that whoever keeps them elsewhere
 * learns of all of it.
 */
export class EntityStore<E extends { readonly id: number | string }> {
  readonly #byId = new Map<E['id'], E>();
  #changed: Set<E['id']> | undefined = undefined;

  find(id: E['id'] | bigint): E | undefined {
    return this.#byId.get(id as E['id']);
  }

  /** In the order in which they were added. */
  all(): E[] {
    return [...this.#byId.values()];
  }

  add(entity: E): void {
    this.#byId.set(entity.id, entity);
    this.#changed?.add(entity.id);
  }

  update(entity: E, change: Partial<Omit<E, 'id'>>): void {
    Object.assign(entity, change);
    this.#changed?.add(entity.id);
  }

  delete(entity: E): void {
    this.#byId.delete(entity.id);
    this.#changed?.add(entity.id);
  }

  /** From now on it is noted what changes. */
  noteChanges(): void {
    this.#changed ??= new Set();
  }

  /** The ids of what was added, changed or removed since the last call; undefined where that is nothing. */
  takeChanges(): ReadonlySet<E['id']> | undefined {
    if (this.#changed === undefined || this.#changed.size === 0) return undefined;
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }
}

/** Entities whose ids are counted up and never used again, each with a name of its own. */
export class NamedStore<E extends { readonly id: number }> extends EntityStore<E> {
  readonly #nameOf: (entity: E) => string;
  readonly #byName = new Map<string, E>();
  #lastId = 0;

  constructor(nameOf: (entity: E) => string) {
    super();
    this.#nameOf = nameOf;
  }

  /** The highest id there ever was. */
  get lastId(): number {
    return this.#lastId;
  }

  byName(name: string): E | undefined {
    return this.#byName.get(name);
  }

  /** Adds what has no id yet. */
  insert(fields: Omit<E, 'id'>): E {
    const entity = { id: this.#lastId + 1, ...fields } as E;
    this.add(entity);
    return entity;
  }

  override add(entity: E): void {
    this.skipTo(entity.id);
    this.#byName.set(this.#nameOf(entity), entity);
    super.add(entity);
  }

  override update(entity: E, change: Partial<Omit<E, 'id'>>): void {
    const before = this.#nameOf(entity);
    super.update(entity, change);
    const after = this.#nameOf(entity);
    if (before === after) return;
    this.#byName.delete(before);
    this.#byName.set(after, entity);
  }

  override delete(entity: E): void {
    this.#byName.delete(this.#nameOf(entity));
    super.delete(entity);
  }

  /** Ids up to this one were used already. */
  skipTo(id: number): void {
    this.#lastId = Math.max(this.#lastId, id);
  }
}
