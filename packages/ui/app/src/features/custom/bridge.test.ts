import type { Ask, ConvoClient, Request } from "@convo/client";
import { beforeEach, expect, test } from "vitest";
import { Bridge } from "./bridge";
import type { Compiled, Component, Facts, Problem, ToFrame } from "./messages";

/** A frame as the page sees it: what it says, and what is said to it. */
class Scene {
  readonly said: ToFrame[] = [];
  readonly asked: Request[] = [];
  readonly sent: string[] = [];
  readonly toasts: string[] = [];
  readonly opened: string[] = [];
  readonly kept: Compiled[] = [];
  readonly problems: Problem[] = [];
  asks: Partial<Ask>[] = [];
  run: unknown;
  refusal: Error | undefined;
  time = 0;
  #topics = new Map<string, () => void>();
  readonly bridge: Bridge;

  constructor() {
    const scene = this;
    const client = {
      hello: { limits: { messageBytes: 1000 } },
      get asks() {
        return scene.asks;
      },
      run: () => scene.run,
      send: (text: string) => void scene.sent.push(text),
      showToast: (text: string) => void scene.toasts.push(text),
      subscribe: (topic: string, listener: () => void) => {
        scene.#topics.set(topic, listener);
        return () => scene.#topics.delete(topic);
      },
      request: async (request: Request) => {
        scene.asked.push(request);
        if (scene.refusal) throw scene.refusal;
        return { id: "", ok: true, data: { runId: "r1" } };
      },
    } as unknown as ConvoClient;
    const port = { postMessage: (message: ToFrame) => this.said.push(message), close() {} } as unknown as MessagePort;
    this.bridge = new Bridge(client, port, "e1", {
      part: async () => "code",
      sign: async () => null,
      compiled: (compiled) => void this.kept.push(compiled),
      open: (url) => void this.opened.push(url),
      height() {},
      shown() {},
      problem: (problem) => void this.problems.push(problem),
      now: () => this.time,
    });
  }

  async wishes(wish: object, id = 1): Promise<unknown> {
    this.bridge.take({ kind: "wish", id, wish });
    await settle();
    return this.said.at(-1);
  }

  changed(topic: string): void {
    this.#topics.get(topic)?.();
  }

  get isWaiting(): boolean {
    return this.#topics.size > 0;
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve));
const component: Component = { name: "Part", file: "public/elements/Part.jsx", hash: "h1", source: "" };
const facts: Facts = { id: "e1", name: "Part", place: "inline", isAsked: false };
const compiled: Compiled = { hash: "h1", code: "", css: "", classes: [] };
let scene: Scene;

beforeEach(() => {
  scene = new Scene();
});

test("a component changes and removes its own element, whatever it says", async () => {
  await scene.wishes({ do: "update", props: { n: 2 }, elementId: "e2" });
  await scene.wishes({ do: "remove", elementId: "e2" });
  expect(scene.asked).toEqual([
    { kind: "element-update", elementId: "e1", props: { n: 2 } },
    { kind: "element-remove", elementId: "e1" },
  ]);
  expect(scene.said.at(-1)).toEqual({ kind: "result", id: 1, value: null });
});

test("an action's result comes back when its callback has ended", async () => {
  await scene.wishes({ do: "act", name: "go", payload: { a: 1 } });
  expect(scene.asked).toEqual([{ kind: "element-act", elementId: "e1", name: "go", payload: { a: 1 } }]);
  expect(scene.said).toEqual([]);
  scene.run = { status: "done", endedAt: "now", value: { ok: true } };
  scene.changed("run:r1");
  await settle();
  expect(scene.said).toEqual([{ kind: "result", id: 1, value: { ok: true } }]);
  expect(scene.isWaiting).toBe(false);
});

test("an action that fails rejects with what the server says of it", async () => {
  scene.run = { status: "failed", endedAt: "now", error: { id: "1", text: "No paper." } };
  expect(await scene.wishes({ do: "act", name: "print", payload: {} })).toEqual({
    kind: "failure",
    id: 1,
    code: "failed",
    text: "No paper.",
  });
});

test("what the server refuses is refused", async () => {
  scene.refusal = Object.assign(new Error(), { failure: { code: "not-found", text: "There is no such element." } });
  expect(await scene.wishes({ do: "remove" })).toMatchObject({ kind: "failure", code: "not-found" });
});

test("an answer goes to the question that the element is, and to no other", async () => {
  scene.asks = [{ id: "a2", type: "element", spec: { elementId: "e2" } }];
  expect(await scene.wishes({ do: "submit", props: {} })).toMatchObject({ kind: "failure", code: "expired" });
  scene.asks = [...scene.asks, { id: "a1", type: "element", spec: { elementId: "e1" } }];
  await scene.wishes({ do: "submit", props: { day: 1 } });
  await scene.wishes({ do: "cancel" });
  expect(scene.asked).toEqual([
    { kind: "answer", askId: "a1", value: { day: 1 } },
    { kind: "cancel-ask", askId: "a1" },
  ]);
});

test("a wish that cannot be read gets an answer and does nothing", async () => {
  scene.bridge.take({ kind: "wish", id: 5, wish: { do: "update", props: { text: "x".repeat(2000) } } });
  scene.bridge.take({ kind: "wish", wish: { do: "remove" } });
  scene.bridge.take("nonsense");
  await settle();
  expect(scene.asked).toEqual([]);
  expect(scene.said).toMatchObject([{ kind: "failure", id: 5, code: "invalid" }]);
});

test("a frame that floods is held back, and may go on when it has calmed down", async () => {
  for (let id = 0; id < 100; id += 1) scene.bridge.take({ kind: "wish", id, wish: { do: "send", text: "spam" } });
  await settle();
  expect(scene.sent).toHaveLength(30);
  expect(scene.said.filter((message) => message.kind === "failure")).toHaveLength(70);
  scene.time += 1000;
  await scene.wishes({ do: "send", text: "calm" });
  expect(scene.sent.at(-1)).toBe("calm");
});

test("only a frame that was given a source, and has not run it, says what it is compiled to", () => {
  scene.bridge.take({ kind: "compiled", compiled });
  scene.bridge.show(component, undefined, facts, {});
  scene.bridge.take({ kind: "compiled", compiled: { ...compiled, hash: "h2" } });
  scene.bridge.take({ kind: "compiled", compiled });
  expect(scene.kept).toEqual([]);
  scene.bridge.show(component, undefined, facts, {});
  scene.bridge.take({ kind: "compiled", compiled });
  scene.bridge.take({ kind: "compiled", compiled: { ...compiled, code: "later" } });
  expect(scene.kept).toEqual([compiled]);
  scene.bridge.show(component, undefined, facts, {});
  scene.bridge.take({ kind: "shown" });
  scene.bridge.take({ kind: "compiled", compiled });
  expect(scene.kept).toHaveLength(1);
});

test("a bridge that is closed is deaf and mute", async () => {
  scene.bridge.close();
  await scene.wishes({ do: "send", text: "hello?" });
  scene.bridge.setProps({});
  expect([scene.sent, scene.said]).toEqual([[], []]);
});
