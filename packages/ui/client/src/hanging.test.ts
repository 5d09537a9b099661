import { expect, test } from "vitest";
import { ThreadFold } from "./fold";

const action = (id: string, forId: string, label = id): { id: string; name: string; forId: string; label: string } => ({
  id,
  name: id,
  forId,
  label,
});

function fold(): ThreadFold {
  const one = new ThreadFold({ id: "t" });
  for (const id of ["m1", "m2"]) one.apply({ kind: "step-opened", step: { id, type: "assistant_message" } });
  one.takeTouched();
  return one;
}

test("what hangs on a step is found, in order, and the same array until it changes", () => {
  const one = fold();
  one.apply({ kind: "action-put", action: action("a", "m1") });
  one.apply({ kind: "action-put", action: action("b", "m1") });
  one.apply({ kind: "action-put", action: action("c", "m2") });
  expect([...one.takeTouched()].sort()).toEqual(["actions:m1", "actions:m2"]);
  const other = one.actions.of("m2");
  one.apply({ kind: "action-put", action: action("a", "m1", "again") });
  expect(one.actions.of("m1").map(({ label }) => label)).toEqual(["again", "b"]);
  expect(one.actions.of("m2")).toBe(other);
});

test("elements that hang on no step are found too", () => {
  const one = fold();
  one.apply({ kind: "element-put", element: { id: "t", type: "tasklist", name: "tasks" } });
  expect([...one.takeTouched()].sort()).toEqual(["element:t", "elements:"]);
  expect(one.elements.of("").map(({ id }) => id)).toEqual(["t"]);
  one.apply({ kind: "element-removed", id: "t" });
  expect([...one.takeTouched()]).toContain("elements:");
  expect(one.elements.of("")).toEqual([]);
});

test("an entry that moves to another step leaves the first", () => {
  const one = fold();
  one.apply({ kind: "element-put", element: { id: "e", type: "image", name: "cat", forId: "m1" } });
  one.apply({ kind: "element-put", element: { id: "e", type: "image", name: "cat", forId: "m2" } });
  expect([...one.takeTouched()].sort()).toEqual(["element:e", "elements:m1", "elements:m2"]);
  expect(one.elements.of("m1")).toEqual([]);
  expect(one.elements.of("m2")).toHaveLength(1);
});

test("what hangs on a removed step goes with it, and its readers hear of it", () => {
  const one = fold();
  one.apply({ kind: "element-put", element: { id: "e", type: "image", name: "cat", forId: "m1" } });
  one.apply({ kind: "ask-opened", id: "q", stepId: "m1", runId: "r", type: "text" });
  one.takeTouched();
  one.apply({ kind: "step-removed", id: "m1" });
  const touched = one.takeTouched();
  for (const topic of ["element:e", "elements:m1", "ask:m1", "asks"] as const) expect(touched).toContain(topic);
  expect(one.elements.size + one.asks.size).toBe(0);
});

test("a snapshot tells of what came and of what went", () => {
  const one = fold();
  one.apply({ kind: "element-put", element: { id: "e", type: "image", name: "cat", forId: "m1" } });
  one.takeTouched();
  one.restore({
    state: {
      thread: { id: "t" },
      steps: [{ id: "m2", type: "assistant_message" }],
      actions: [action("a", "m2")],
    },
  });
  const touched = one.takeTouched();
  for (const topic of ["element:e", "elements:m1", "actions:m2", "field:settings"] as const) {
    expect(touched).toContain(topic);
  }
});
