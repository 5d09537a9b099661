import type { Answer } from "@convo/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Uplink } from "./uplink";

/** A server that takes chunks in order and answers when it is told to. */
class Server {
  readonly taken: number[] = [];
  readonly asked: number[] = [];
  isFull = false;
  #next = 0;
  readonly #answers: (() => void)[] = [];

  readonly send = (index: number, bytes: Uint8Array): Promise<Answer> => {
    this.asked.push(index);
    const answer = this.#answer(index, bytes);
    return new Promise((resolve) => this.#answers.push(() => resolve(answer)));
  };

  async answer(): Promise<void> {
    for (const answer of this.#answers.splice(0)) answer();
    await Promise.resolve();
    await Promise.resolve();
  }

  #answer(index: number, bytes: Uint8Array): Answer {
    const id = String(index);
    if (index > this.#next) return { id, error: { code: "conflict", text: `${this.#next} comes next` } };
    if (this.isFull) return { id, error: { code: "rate-limited", text: "wait", retryAfter: 0.5 } };
    this.#next = index + 1;
    this.taken.push(...new Int16Array(bytes.slice().buffer));
    return { id, ok: true };
  }
}

function piece(number: number): Int16Array {
  return Int16Array.of(number);
}

describe("the way of a voice to the server", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("keeps what is said until the server listens, and sends all in order", async () => {
    const server = new Server();
    const uplink = new Uplink(24000, server.send, () => {});
    for (let i = 0; i < 3; i += 1) uplink.push(piece(i));
    expect(server.asked).toEqual([]);
    uplink.open();
    for (let i = 3; i < 30; i += 1) {
      uplink.push(piece(i));
      if (i % 5 === 0) await server.answer();
    }
    const drained = uplink.drain();
    for (let i = 0; i < 10; i += 1) await server.answer();
    await drained;
    expect(server.taken).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(server.asked).toEqual(server.asked.map((_, i) => i));
  });

  it("sends again what a busy server refused, and what it refused behind it", async () => {
    const server = new Server();
    const failed = vi.fn();
    const uplink = new Uplink(24000, server.send, failed);
    uplink.open();
    server.isFull = true;
    for (let i = 0; i < 6; i += 1) uplink.push(piece(i));
    await server.answer();
    expect(server.taken).toEqual([]);
    server.isFull = false;
    await vi.advanceTimersByTimeAsync(600);
    for (let i = 0; i < 5; i += 1) await server.answer();
    expect(server.taken).toEqual([0, 1, 2, 3, 4, 5]);
    expect(failed).not.toHaveBeenCalled();
  });

  it("gives up when the microphone was turned off, or the connection is too slow", async () => {
    const failed = vi.fn();
    const off = new Uplink(24000, async () => ({ id: "", error: { code: "conflict", text: "off" } }), failed);
    off.open();
    off.push(piece(1));
    await vi.advanceTimersByTimeAsync(0);
    expect(failed).toHaveBeenCalledWith({ code: "conflict", text: "off" });

    const slow = new Uplink(1000, () => new Promise<Answer>(() => {}), failed);
    slow.open();
    for (let i = 0; i < 20; i += 1) slow.push(new Int16Array(1000));
    expect(failed).toHaveBeenLastCalledWith({ code: "unavailable", text: "" });
    await slow.drain();
  });
});
