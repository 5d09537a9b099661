/** What a browser keeps of one widget of a page; in memory where it may keep nothing. */
export class Keep implements Storage {
  readonly #memory = new Map<string, string>();
  readonly #open: () => Storage;
  readonly #prefix: string;

  constructor(open: () => Storage, prefix: string) {
    this.#open = open;
    this.#prefix = prefix;
  }

  getItem(key: string): string | null {
    const kept = this.#memory.get(key);
    if (kept !== undefined) return kept;
    try {
      return this.#open().getItem(this.#prefix + key);
    } catch {
      return null;
    }
  }

  setItem(key: string, value: string): void {
    this.#memory.set(key, value);
    try {
      this.#open().setItem(this.#prefix + key, value);
    } catch {
      // Full or forbidden: memory keeps it as long as the page lives.
    }
  }

  removeItem(key: string): void {
    this.#memory.delete(key);
    try {
      this.#open().removeItem(this.#prefix + key);
    } catch {
      // As above.
    }
  }

  get length(): number {
    return this.#memory.size;
  }

  key(index: number): string | null {
    return [...this.#memory.keys()][index] ?? null;
  }

  clear(): void {
    for (const key of [...this.#memory.keys()]) this.removeItem(key);
  }
}
