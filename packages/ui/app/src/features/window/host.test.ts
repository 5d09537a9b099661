import type { Call, ConvoClient, Request } from "@convo/client";
import { describe, expect, it } from "vitest";
import { joinHost, type Place } from "./host";

/** A page in a frame of `https://shop.example`, and what goes in and out of it. */
class Scene {
  readonly posted: [unknown, string][] = [];
  readonly sent: unknown[] = [];
  readonly warnings: string[] = [];
  readonly stored = new Map<string, string>();
  readonly host = { postMessage: (data: unknown, origin: unknown) => this.posted.push([data, String(origin)]) };
  hello: { connection: string; limits: { messageBytes: number } } | undefined = {
    connection: "me",
    limits: { messageBytes: 1000 },
  };
  calls: Partial<Call>[] = [];
  hostOrigin: string | undefined = "https://shop.example";
  isHeld = true;
  #listener: (event: MessageEvent) => void = () => {};
  #topics = new Map<string, () => void>();
  #passing: (event: { data: unknown }) => void = () => {};

  open(): this {
    const scene = this;
    const client = {
      get hello() {
        return scene.hello;
      },
      get calls() {
        return scene.calls;
      },
      onPassing: (_: string, listener: (event: { data: unknown }) => void) => {
        scene.#passing = listener;
        return () => {};
      },
      subscribe: (topic: string, listener: () => void) => {
        scene.#topics.set(topic, listener);
        return () => {};
      },
      request: async (request: Request) => {
        scene.sent.push(request);
        return { id: "", ok: true };
      },
    } as unknown as ConvoClient;
    const place: Place = {
      host: this.isHeld ? this.host : undefined,
      hostOrigin: this.hostOrigin,
      origins: ["https://app.example", "https://shop.example"],
      listen: (listener) => {
        this.#listener = listener;
        return () => {};
      },
      storage: {
        getItem: (key) => this.stored.get(key) ?? null,
        setItem: (key, value) => void this.stored.set(key, value),
      },
      warn: (text) => this.warnings.push(text),
    };
    joinHost(client, place);
    return this;
  }

  says(data: unknown, origin = "https://shop.example", source: unknown = this.host): void {
    this.#listener({ data, origin, source } as MessageEvent);
  }

  appSays(data: unknown): void {
    this.#passing({ data });
  }

  changed(topic: string): void {
    this.#topics.get(topic)?.();
  }
}

const READY = [{ type: "convo:ready" }, "https://shop.example"];

describe("the page around the chat", () => {
  it("is heard if it is the host and may be one, and nobody else", () => {
    const scene = new Scene().open();
    scene.says({ page: "/prices" });
    scene.says("evil", "https://evil.example");
    scene.says("another frame", "https://shop.example", { postMessage: () => {} });
    expect(scene.sent).toEqual([{ kind: "window-message", data: { page: "/prices" } }]);
  });

  it("gets what the app says, addressed to it alone", () => {
    const scene = new Scene().open();
    scene.appSays({ total: 3 });
    expect(scene.posted).toEqual([READY, [{ total: 3 }, "https://shop.example"]]);
  });

  it("gets nothing while nobody knows who it is", () => {
    const scene = new Scene();
    scene.hostOrigin = undefined;
    scene.open();
    scene.appSays("secret");
    scene.says("hi", "https://evil.example");
    expect(scene.posted).toEqual([]);
    scene.says("hi");
    expect(scene.posted).toEqual([READY, ["secret", "https://shop.example"]]);
  });

  it("gets nothing if it may not hold the chat", () => {
    const scene = new Scene();
    scene.hostOrigin = "https://evil.example";
    scene.open();
    scene.appSays("secret");
    expect(scene.posted).toEqual([]);
  });

  it("may speak before the connection stands", () => {
    const scene = new Scene();
    const { hello } = scene;
    scene.hello = undefined;
    scene.open();
    scene.says("early");
    expect(scene.sent).toEqual([]);
    scene.hello = hello;
    scene.changed("hello");
    expect(scene.sent).toEqual([{ kind: "window-message", data: "early" }]);
  });

  it("cannot send what is no JSON, or too long", () => {
    const scene = new Scene().open();
    const circle: unknown[] = [];
    circle.push(circle);
    scene.says(circle);
    scene.says("x".repeat(1001));
    expect(scene.sent).toEqual([]);
    expect(scene.warnings).toHaveLength(2);
  });

  it("runs a function once, and its result is the answer", () => {
    const scene = new Scene().open();
    scene.calls = [{ id: "c1", name: "total", args: { cart: [1] }, to: "me" }];
    scene.changed("calls");
    scene.changed("calls");
    expect(scene.posted.slice(1)).toEqual([
      [{ type: "convo:call", id: "c1", name: "total", args: { cart: [1] } }, "https://shop.example"],
    ]);
    scene.says({ type: "convo:result", id: "unknown", value: 1 });
    scene.says({ type: "convo:result", id: "c1", value: { sum: 3 } });
    expect(scene.sent).toEqual([{ kind: "call-result", callId: "c1", value: { sum: 3 } }]);
  });

  it("may fail to run a function", () => {
    const scene = new Scene().open();
    scene.calls = [{ id: "c1", name: "pay" }];
    scene.changed("calls");
    scene.says({ type: "convo:result", id: "c1", error: "no card" });
    expect(scene.sent).toEqual([{ kind: "call-result", callId: "c1", error: { text: "no card" } }]);
  });

  it("runs what was called before a reload, and not what another tab was asked", () => {
    const scene = new Scene();
    scene.stored.set("convo:connections", '["before"]');
    scene.calls = [
      { id: "mine", name: "f", to: "before" },
      { id: "other", name: "f", to: "another tab" },
    ];
    scene.open();
    expect(scene.posted.map(([data]) => (data as { id?: string }).id)).toEqual([undefined, "mine"]);
  });

  it("is missed at once where there is none", () => {
    const scene = new Scene();
    scene.isHeld = false;
    scene.hostOrigin = undefined;
    scene.calls = [{ id: "c1", name: "f", to: "me" }];
    scene.open();
    expect(scene.sent).toEqual([
      {
        kind: "call-result",
        callId: "c1",
        error: { text: "This chat is not part of a page that could run it." },
      },
    ]);
  });
});
