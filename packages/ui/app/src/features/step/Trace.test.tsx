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
    useStep: (id: string) => useSyncExternalStore(subscribe, () => steps.get(id)),
    useStepFact: (id: string, read: (step: unknown) => unknown) =>
      useSyncExternalStore(subscribe, () => read(steps.get(id))),
  };
});

const second = (at: number) => new Date(1_700_000_000_000 + at * 1000).toISOString();

function put(id: string, fields: Partial<FakeStep> = {}): void {
  steps.set(id, {
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

test("a step unfolds to its input and output, JSON indented", () => {
  put("call", { input: '{"a":1}', showInput: "json", output: "two\nlines" });
  show(["call"]);
  act(() => head()?.click());
  act(() => lines()[0]?.click());
  expect(lines()[0]?.getAttribute("aria-expanded")).toBe("true");
  expect(host.querySelector("pre")?.textContent).toBe('{\n  "a": 1\n}');
  expect(host.querySelector(".step-text")?.textContent).toBe("two\nlines");
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
