import type { Turn } from "@convo/react";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Turns } from "./Turns";

const drawn = vi.hoisted(() => [] as string[]);
vi.mock("@convo/react", () => ({
  useElements: () => [],
  useOlder: () => ({ more: false, status: "idle" }),
  useIsViewer: () => false,
  useRun: () => undefined,
  useAppInfo: () => undefined,
  useRequest: () => async () => undefined,
  useStepFact: () => undefined,
  useStep: (id: string) => {
    drawn.push(id);
    return { output: id };
  },
}));

const thread = (length: number, name = "u"): readonly Turn[] =>
  Array.from({ length }, (_, index) => ({ id: `${name}${index}`, user: `${name}${index}`, items: [] }));

let host: HTMLElement;
let root: Root;

beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  host = document.createElement("div");
  document.body.append(host);
  root = createRoot(host);
  drawn.length = 0;
});

afterEach(() => {
  act(() => root.unmount());
  host.remove();
});

const frame = { current: null };
const show = (turns: readonly Turn[]) => act(() => root.render(<Turns turns={turns} frame={frame} />));
const shown = () => [...host.querySelectorAll(".bubble")].map((bubble) => bubble.textContent);

test("the end of a long thread is drawn first, and in the end all of it, each turn once", () => {
  const turns = thread(500);
  const ids = turns.map((turn) => turn.id);
  show(turns);
  expect(shown()).toEqual(ids);
  expect(drawn).toHaveLength(500);
  const first = drawn.slice(0, drawn.indexOf("u499") + 1);
  expect(first.length).toBeLessThanOrEqual(24);
  expect(first).toEqual(ids.slice(-first.length));
});

test("a turn that is added is drawn alone, and those before it keep their DOM nodes", () => {
  const turns = thread(100);
  show(turns);
  const nodes = [...host.querySelectorAll(".turn")];
  drawn.length = 0;
  show([...turns, ...thread(1, "new")]);
  expect(drawn).toEqual(["new0"]);
  const now = [...host.querySelectorAll(".turn")];
  expect(now).toHaveLength(101);
  for (const [index, node] of nodes.entries()) expect(now[index]).toBe(node);
});

test("older turns are drawn above, from below upward, and those that were there keep their DOM nodes", () => {
  const turns = thread(100);
  show(turns);
  const nodes = [...host.querySelectorAll(".turn")];
  drawn.length = 0;
  const older = thread(40, "old");
  show([...older, ...turns]);
  expect(shown()).toEqual([...older, ...turns].map((turn) => turn.id));
  expect([...host.querySelectorAll(".turn")].slice(40)).toEqual(nodes);
  expect(drawn).toHaveLength(40);
  expect(drawn[0]).toBe("old28");
});

test("what is far above may stay unpainted, but never the last two turns", () => {
  for (const length of [13, 14, 24, 25, 26]) {
    show(thread(length));
    const past = host.querySelectorAll(".is-past .turn").length;
    expect(past % 12).toBe(0);
    expect(past).toBeLessThanOrEqual(length - 2);
    expect(past).toBeGreaterThanOrEqual(length - 14);
  }
});

test("another thread begins at its end again, however short the one before was", () => {
  show(thread(3, "short"));
  drawn.length = 0;
  show(thread(200));
  expect(drawn.indexOf("u199")).toBeLessThan(24);
  expect(shown()).toHaveLength(200);
});
