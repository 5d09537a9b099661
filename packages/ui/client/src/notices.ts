import type { Batch, Notice, PrincipalState, Snapshot } from "./protocol.gen";

/** The fold of a principal's log: what every tab of a person should say until it is cleared. */
export class NoticeFold {
  #notices: readonly Notice[] = [];

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  restore(snapshot: Snapshot): void {
    this.#notices = (snapshot.state as PrincipalState).notices ?? [];
  }

  apply(batch: Batch): void {
    for (const event of batch.events) {
      if (event.kind === "notice-posted") {
        const { notice } = event;
        const isKnown = this.#notices.some(({ id }) => id === notice.id);
        this.#notices = isKnown
          ? this.#notices.map((known) => (known.id === notice.id ? notice : known))
          : [...this.#notices, notice];
      } else if (event.kind === "notice-cleared") {
        this.#notices = this.#notices.filter(({ id }) => id !== event.id);
      }
    }
  }
}
