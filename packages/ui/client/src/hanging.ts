/** Entries that each hang on a step, by id; those of one step are found without looking at the others. */
export class Hanging<T extends { readonly id: string }> extends Map<string, T> {
  #byOwner = new Map<string, readonly T[]>();
  readonly #ownerOf: (entry: T) => string | undefined;

  constructor(ownerOf: (entry: T) => string | undefined) {
    super();
    this.#ownerOf = ownerOf;
  }

  /** Those of one step, in the order they came. The same array until they change. */
  of(owner: string): readonly T[] {
    return this.#byOwner.get(owner) ?? NONE;
  }

  /** The steps that have any. */
  get owners(): IterableIterator<string> {
    return this.#byOwner.keys();
  }

  /** The step that an entry hangs on. */
  owner(id: string): string | undefined {
    const entry = this.get(id);
    return entry && this.#ownerOf(entry);
  }

  override set(id: string, entry: T): this {
    const before = this.owner(id);
    const owner = this.#ownerOf(entry);
    if (before !== undefined && before !== owner) this.#drop(before, id);
    super.set(id, entry);
    if (owner === undefined) return this;
    const siblings = this.of(owner);
    const isThere = siblings.some((known) => known.id === id);
    this.#byOwner.set(
      owner,
      isThere ? siblings.map((known) => (known.id === id ? entry : known)) : [...siblings, entry],
    );
    return this;
  }

  override delete(id: string): boolean {
    const owner = this.owner(id);
    if (owner !== undefined) this.#drop(owner, id);
    return super.delete(id);
  }

  override clear(): void {
    this.#byOwner.clear();
    super.clear();
  }

  #drop(owner: string, id: string): void {
    const left = this.of(owner).filter((entry) => entry.id !== id);
    if (left.length === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, left);
  }
}

const NONE: readonly never[] = [];
