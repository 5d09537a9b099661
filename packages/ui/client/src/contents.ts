import type { Http } from "./http";

/** What the server keeps, for a page that no cookie lets read it: loaded with a token, and held in memory. */
export class Contents {
  readonly #http: Pick<Http, "content" | "isOwn">;
  readonly #changed: () => void;
  /** By address; without a value while it loads. */
  readonly #held = new Map<string, string | undefined>();

  constructor(http: Pick<Http, "content" | "isOwn">, changed: () => void) {
    this.#http = http;
    this.#changed = changed;
  }

  /** Where the content of `address` is read; `undefined` until it has come. */
  address(address: string): string | undefined {
    if (!this.#http.isOwn(address)) return address;
    if (!this.#held.has(address)) {
      this.#held.set(address, undefined);
      void this.#load(address);
    }
    return this.#held.get(address);
  }

  /** Lets go of all of it. */
  forget(): void {
    for (const held of this.#held.values()) if (held?.startsWith("blob:")) URL.revokeObjectURL(held);
    this.#held.clear();
  }

  async #load(address: string): Promise<void> {
    try {
      const content = await this.#http.content(address);
      if (!this.#held.has(address)) return;
      this.#held.set(address, URL.createObjectURL(content));
      this.#changed();
    } catch {
      if (!this.#held.has(address)) return;
      this.#held.set(address, address); // whoever shows it finds out, and says so
      this.#changed();
    }
  }
}
