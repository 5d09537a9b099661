import type { Generation } from "@convo/react";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Trace } from "./Trace";

interface FakeStep {
  type: string;
  name: string;
  input: string;
  output: string;
  start: string;
  end?: string;
  isOpen: boolean;
  isError: boolean;
  isMessage: boolean;
  defaultOpen?: boolean;
  autoCollapse?: boolean;
  generation?: Generation;
  showInput: boolean | string;
  children: string[];
}

const steps = vi.hoisted(() => new Map<string, unknown>());
const listeners = vi.hoisted(() => new Set<() => void>());
vi.mock("@convo/react", async () => {
  const { useSyncExternalStore } = await import("react");
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    useElements: () => [],
    useWork: () => steps.size,
    useStep: (id: string) => useSyncExternalStore(subscribe, () => steps.get(id)),
    useStepFact: (id: string, read: (step: unknown) => unknown) =>
      useSyncExternalStore(subscribe, () => read(steps.get(id))),
  };
});

const second = (at: number) => new Date(1_700_000_000_000 + at * 1000).toISOString();

function put(id: string, fields: Partial<FakeStep> = {}): void {
  steps.set(id, {
    id,
    type: "tool",
    name: id,
    input: "",
    output: "",
    start: second(0),
    end: second(1),
    isOpen: false,
    isError: false,
    isMessage: false,
    showInput: false,
    children: [],
    ...fields,
  });
}

let host: HTMLElement;
let root: Root;

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  vi.useFakeTimers();
  steps.clear();
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
});

afterEach(() => {
  act(() => root.unmount());
  host.remove();
  vi.useRealTimers();
});

const show = (ids: readonly string[], isCut = false) => act(() => root.render(<Trace ids={ids} isCut={isCut} />));
const head = () => host.querySelector<HTMLButtonElement>(".trace-head");
const lines = () => [...host.querySelectorAll<HTMLButtonElement>(".step-line")];

test("a finished trace counts its nested steps, says how long they took and is folded", () => {
  put("load", { end: second(2) });
  put("agent", { start: second(2), end: second(6.4), children: ["sql"] });
  put("sql", { start: second(3), end: second(4) });
  show(["load", "agent"]);
  expect(head()?.textContent).toContain("Worked through 3 steps");
  expect(head()?.textContent).toContain("6.4 s");
  expect(head()?.getAttribute("aria-expanded")).toBe("false");
  expect(lines().map((line) => line.querySelector("b")?.textContent)).toEqual(["load", "agent", "sql"]);
});

test("it is open while a step runs and folds away a moment after the last one ended", () => {
  put("slow", { isOpen: true });
  show(["slow"]);
  expect(head()?.textContent).toContain("Working");
  expect(head()?.getAttribute("aria-expanded")).toBe("true");
  act(() => {
    put("slow");
    for (const listener of listeners) listener();
  });
  expect(head()?.getAttribute("aria-expanded")).toBe("true");
  act(() => void vi.advanceTimersByTime(2000));
  expect(head()?.getAttribute("aria-expanded")).toBe("false");
});

test("a step that is open by default keeps the trace open", () => {
  put("shown", { defaultOpen: true, output: "the result" });
  show(["shown"]);
  expect(head()?.getAttribute("aria-expanded")).toBe("true");
  expect(host.textContent).toContain("the result");
});

test("a failed step is named in the head", () => {
  put("bad", { isError: true });
  put("good");
  show(["bad", "good"]);
  expect(head()?.textContent).toContain("1 failed");
});

test("a step unfolds to its input, as a tree, and its output", async () => {
  put("call", { input: '{"a":1}', showInput: "json", output: "two\nlines" });
  show(["call"]);
  act(() => head()?.click());
  act(() => lines()[0]?.click());
  expect(lines()[0]?.getAttribute("aria-expanded")).toBe("true");
  await act(() => vi.waitFor(() => import("../json/JsonView")));
  await act(() => vi.advanceTimersByTimeAsync(0));
  expect([...host.querySelectorAll('[role="treeitem"]')].map((row) => row.textContent)).toEqual(["1 key", "a1"]);
  expect(host.querySelector(".step-text")?.textContent).toBe("two\nlines");
});

test("an input that is not shown is nowhere, and a text that is no JSON is a text", () => {
  put("quiet", { input: "secret", showInput: false, output: "" });
  put("plain", { input: "{not json", showInput: "json" });
  show(["quiet", "plain"]);
  act(() => head()?.click());
  act(() => {
    for (const line of lines()) line.click();
  });
  expect(host.textContent).not.toContain("secret");
  expect(host.textContent).toContain("No input or output");
  expect(host.querySelector(".step-text")?.textContent).toBe("{not json");
});

test("all steps unfold and fold at once", () => {
  put("one", { output: "first" });
  put("two", { output: "second" });
  show(["one", "two"]);
  act(() => head()?.click());
  const tool = () => host.querySelector<HTMLButtonElement>(".trace-tools button");
  expect(tool()?.textContent).toBe("Expand all");
  act(() => tool()?.click());
  expect(lines().every((line) => line.getAttribute("aria-expanded") === "true")).toBe(true);
  expect(tool()?.textContent).toBe("Collapse all");
  act(() => lines()[1]?.click());
  expect(tool()?.textContent).toBe("Expand all");
  act(() => tool()?.click());
  act(() => tool()?.click());
  expect(lines().some((line) => line.getAttribute("aria-expanded") === "true")).toBe(false);
});

test("a step that collapses by itself folds when it ends and stays open when it is opened then", () => {
  put("work", { isOpen: true, defaultOpen: true, autoCollapse: true, output: "thinking" });
  show(["work"]);
  expect(lines()[0]?.getAttribute("aria-expanded")).toBe("true");
  act(() => {
    put("work", { defaultOpen: true, autoCollapse: true, output: "thinking" });
    for (const listener of listeners) listener();
  });
  expect(lines()[0]?.getAttribute("aria-expanded")).toBe("false");
  act(() => lines()[0]?.click());
  expect(lines()[0]?.getAttribute("aria-expanded")).toBe("true");
});

test("a long output is cut until all of it is asked for", () => {
  const output = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join("\n");
  put("log", { output });
  show(["log"]);
  act(() => head()?.click());
  act(() => lines()[0]?.click());
  expect(host.querySelector(".step-text")?.textContent?.length).toBeLessThan(7000);
  act(() => host.querySelector<HTMLButtonElement>(".step-all")?.click());
  expect(host.querySelector(".step-text")?.textContent).toContain("line 4999");
});

test("what models read and wrote stands in the line of their step and, added up, in the head", () => {
  put("ask", { type: "llm", generation: { model: "gpt", inputTokenCount: 1200, outputTokenCount: 34 } });
  put("again", { type: "llm", generation: { tokenCount: 66 } });
  show(["ask", "again"]);
  expect(lines()[0]?.textContent).toContain("1,234 tokens");
  expect(head()?.textContent).toContain("1,300 tokens");
});

test("the trace ends before the next message", () => {
  put("one");
  put("answer", { type: "assistant_message", isMessage: true });
  put("two");
  show(["one", "answer", "two"]);
  expect(lines()).toHaveLength(1);
});

test("steps cut by a stop do not look as if they ran", () => {
  put("cut", { isOpen: true });
  show(["cut"], true);
  expect(head()?.textContent).toContain("Stopped");
  expect(head()?.textContent).not.toContain("Working");
});
