import type { Batch, Snapshot } from "./protocol.gen";

/** Where a reader stands: everything of `log` up to `seq` was taken, of the pages from `place` on. */
export interface Position {
  readonly log: string;
  readonly seq: number;
  readonly place: number;
}

/** `take` it, `drop` what was seen already, or `ask` again from the position. */
export type Verdict = "take" | "drop" | "ask";

/** A reader's position in one log, and what it does with a frame. */
export class Reader {
  position: Position | undefined;

  batch(batch: Batch): Verdict {
    if (this.position?.log !== batch.log) return "ask";
    if (batch.to <= this.position.seq) return "drop";
    if (batch.from !== this.position.seq + 1) return "ask";
    this.position = { ...this.position, seq: batch.to };
    return "take";
  }

  snapshot(snapshot: Snapshot): Verdict {
    if (snapshot.since !== undefined) {
      if (this.position?.log !== snapshot.log || this.position.seq < snapshot.since) return "ask";
      if (snapshot.to < this.position.seq) return "drop";
    }
    const before = snapshot.since === undefined ? 0 : (this.position?.place ?? 0);
    this.position = {
      log: snapshot.log,
      seq: snapshot.to,
      place: snapshot.window ? (snapshot.window.place ?? 0) : before,
    };
    return "take";
  }

  reset(): void {
    this.position = undefined;
  }
}
