import type { Answer, Failure } from "@convo/client";

/** What one chunk may weigh; a slow connection gets fewer and larger ones. */
const CHUNK_BYTES = 32 * 1024;
/** Chunks on their way at a time. */
const WINDOW = 4;
/** Seconds of voice that wait for a slow connection before it is called too slow. */
const PATIENCE = 10;

interface Chunk {
  readonly index: number;
  readonly bytes: Uint8Array;
}

export type Send = (index: number, bytes: Uint8Array) => Promise<Answer>;

/** Sends what a microphone hears, in the order it was heard. What the server could not take yet is sent again. */
export class Uplink {
  readonly #send: Send;
  readonly #onFailed: (failure: Failure) => void;
  readonly #limit: number;
  #pieces: Uint8Array[] = [];
  /** Not acknowledged, the oldest first; `#sent` of them are on their way. */
  #chunks: Chunk[] = [];
  #sent = 0;
  #next = 0;
  /** Answers to what was sent before a pause are no answers to what is sent after it. */
  #round = 0;
  #isOpen = false;
  #isPaused = false;
  #isEnded = false;
  #drained: (() => void) | undefined;

  constructor(rate: number, send: Send, onFailed: (failure: Failure) => void) {
    this.#limit = rate * 2 * PATIENCE;
    this.#send = send;
    this.#onFailed = onFailed;
  }

  push(piece: Int16Array): void {
    if (this.#isEnded) return;
    this.#pieces.push(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
    if (this.#waiting > this.#limit) this.#fail({ code: "unavailable", text: "" });
    else this.#pump();
  }

  /** The server listens: what was said meanwhile goes first. */
  open(): void {
    this.#isOpen = true;
    this.#pump();
  }

  /** Resolves when all was taken, or given up. */
  drain(): Promise<void> {
    if (this.#isEnded || !this.#isOpen || (this.#pieces.length === 0 && this.#chunks.length === 0)) {
      this.#isEnded = true;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Nothing more is sent. */
  abort(): void {
    this.#isEnded = true;
    this.#pieces = [];
    this.#chunks = [];
    this.#drained?.();
  }

  get #waiting(): number {
    return [...this.#pieces, ...this.#chunks.map((chunk) => chunk.bytes)].reduce((sum, { length }) => sum + length, 0);
  }

  #pump(): void {
    if (!this.#isOpen || this.#isPaused || this.#isEnded) return;
    while (this.#sent < WINDOW) {
      if (this.#sent === this.#chunks.length && !this.#cut()) return;
      const chunk = this.#chunks[this.#sent];
      if (chunk === undefined) return;
      this.#sent += 1;
      void this.#deliver(chunk, this.#round);
    }
  }

  /** Make a chunk of what has gathered. */
  #cut(): boolean {
    const taken: Uint8Array[] = [];
    let size = 0;
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
      if (size > 0 && size + piece.length > CHUNK_BYTES) break;
      size += piece.length;
      taken.push(piece);
      this.#pieces.shift();
    }
    if (size === 0) return false;
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const piece of taken) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#chunks.push({ index: this.#next, bytes });
    this.#next += 1;
    return true;
  }

  async #deliver(chunk: Chunk, round: number): Promise<void> {
    let failure: Failure | undefined;
    try {
      failure = (await this.#send(chunk.index, chunk.bytes)).error;
    } catch {
      failure = { code: "unavailable", text: "" };
    }
    if (this.#isEnded || round !== this.#round) return;
    if (failure === undefined) this.#took(chunk);
    else if (failure.code === "rate-limited") this.#pause(failure.retryAfter ?? 0.25);
    else this.#fail(failure);
  }

  #took(chunk: Chunk): void {
    const at = this.#chunks.indexOf(chunk);
    if (at < 0) return;
    this.#chunks.splice(at, 1);
    this.#sent -= 1;
    this.#pump();
    if (this.#chunks.length === 0 && this.#pieces.length === 0) this.#drained?.();
  }

  /** The server takes no more for a while: this chunk and those behind it, which it refused as well, go again. */
  #pause(seconds: number): void {
    this.#round += 1;
    this.#sent = 0;
    this.#isPaused = true;
    setTimeout(() => {
      this.#isPaused = false;
      this.#pump();
    }, seconds * 1000);
  }

  #fail(failure: Failure): void {
    this.abort();
    this.#onFailed(failure);
  }
}
