import type { Batch, Notice, PrincipalState, Removal, Snapshot } from "./protocol.gen";

/** The fold of a principal's log: what every tab of a person should say, and which threads he can still restore. */
export class PrincipalFold {
  #notices: readonly Notice[] = [];
  #removals: readonly Removal[] = [];

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  get removals(): readonly Removal[] {
    return this.#removals;
  }

  restore(snapshot: Snapshot): void {
    const { notices = [], removals = [] } = snapshot.state as PrincipalState;
    this.#notices = notices;
    this.#removals = removals;
  }

  apply(batch: Batch): void {
    for (const event of batch.events) {
      switch (event.kind) {
        case "notice-posted":
          this.#notices = put(this.#notices, event.notice);
          break;
        case "notice-cleared":
          this.#notices = without(this.#notices, event.id);
          break;
        case "thread-listed":
          this.#removals = without(this.#removals, event.thread.id);
          break;
        case "thread-unlisted":
          this.#removals = event.removal ? put(this.#removals, event.removal) : without(this.#removals, event.id);
          break;
      }
    }
  }
}

function put<T extends { readonly id: string }>(entries: readonly T[], entry: T): readonly T[] {
  const isKnown = entries.some(({ id }) => id === entry.id);
  return isKnown ? entries.map((known) => (known.id === entry.id ? entry : known)) : [...entries, entry];
}

function without<T extends { readonly id: string }>(entries: readonly T[], id: string): readonly T[] {
  return entries.some((entry) => entry.id === id) ? entries.filter((entry) => entry.id !== id) : entries;
}
