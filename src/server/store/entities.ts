/** Entities of one kind, by id. They are added, changed and deleted only here, so that every change can be saved. */
export class EntityStore<E extends { readonly id: number | string }> {
  readonly #byId = new Map<E['id'], E>();
  #changed: Set<E['id']> | undefined = undefined;

  find(id: E['id'] | bigint): E | undefined {
    return this.#byId.get(id as E['id']);
  }

  /** Returns the entities in the order in which they were added. */
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

  /** Starts recording changes for `takeChanges`. */
  noteChanges(): void {
    this.#changed ??= new Set();
  }

  /** Returns the ids of the entities added, changed or deleted since the last call; undefined where there are none. */
  takeChanges(): ReadonlySet<E['id']> | undefined {
    if (this.#changed === undefined || this.#changed.size === 0) return undefined;
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }
}

/** Entities with unique names, whose ids count up and are never reused. */
export class NamedStore<E extends { readonly id: number }> extends EntityStore<E> {
  readonly #nameOf: (entity: E) => string;
  readonly #byName = new Map<string, E>();
  #lastId = 0;

  constructor(nameOf: (entity: E) => string) {
    super();
    this.#nameOf = nameOf;
  }

  /** The highest id ever used. */
  get lastId(): number {
    return this.#lastId;
  }

  byName(name: string): E | undefined {
    return this.#byName.get(name);
  }

  /** Adds an entity under the next id. */
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

  /** Marks ids up to this one as used. */
  skipTo(id: number): void {
    this.#lastId = Math.max(this.#lastId, id);
  }
}
