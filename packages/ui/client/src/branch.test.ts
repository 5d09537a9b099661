import { expect, test } from "vitest";
import { branch, tipOf, turns } from "./branch";
import { ThreadFold } from "./fold";
import type { Event, Step } from "./protocol.gen";

function user(id: string, priorId?: string): Event {
  return opened({ id, type: "user_message", end: "T", ...(priorId !== undefined && { priorId }) });
}

function answer(id: string, runId: string, priorId?: string): Event {
  return opened({ id, type: "assistant_message", runId, ...(priorId !== undefined && { priorId }) });
}

function opened(step: Step): Event {
  return { kind: "step-opened", step };
}

function run(id: string, trigger?: string): Event {
  return { kind: "run-queued", id, callback: "on_message", at: "T", ...(trigger !== undefined && { trigger }) };
}

function leaf(id: string): Event {
  return { kind: "leaf-moved", id };
}

function folded(...events: Event[]): ThreadFold {
  const fold = new ThreadFold({ id: "t1" });
  for (const event of events) fold.apply(event);
  return fold;
}

test("a turn is a user's message and what its run does, in order", () => {
  const fold = folded(
    run("r1", "u1"),
    user("u1"),
    opened({ id: "s1", type: "tool", runId: "r1" }),
    opened({ id: "s2", type: "tool", runId: "r1", parentId: "s1" }),
    answer("m1", "r1", "u1"),
    leaf("m1"),
  );
  expect(turns(fold)).toEqual([{ id: "u1", user: "u1", runId: "r1", items: ["s1", "m1"] }]);
  expect(fold.step("s1")?.children).toEqual(["s2"]);
});

test("a greeting is a turn of its own", () => {
  const fold = folded(run("r0"), answer("m0", "r0"), leaf("m0"), run("r1", "u1"), user("u1", "m0"), leaf("u1"));
  expect(turns(fold)).toEqual([
    { id: "m0", runId: "r0", items: ["m0"] },
    { id: "u1", user: "u1", runId: "r1", items: [] },
  ]);
});

test("after an edit the other branch is out of sight, its steps too", () => {
  const fold = folded(
    run("r1", "u1"),
    user("u1"),
    opened({ id: "s1", type: "tool", runId: "r1" }),
    answer("m1", "r1", "u1"),
    run("r2", "u2"),
    user("u2"),
    opened({ id: "s2", type: "tool", runId: "r2" }),
    answer("m2", "r2", "u2"),
    leaf("m2"),
  );
  expect(turns(fold)).toMatchObject([{ id: "u2", user: "u2", runId: "r2", items: ["s2", "m2"] }]);
  fold.apply(leaf("m1"));
  expect(turns(fold)).toMatchObject([{ id: "u1", user: "u1", runId: "r1", items: ["s1", "m1"] }]);
});

test("a regenerated answer takes the place of the first, with its steps", () => {
  const fold = folded(
    run("r1", "u1"),
    user("u1"),
    opened({ id: "s1", type: "tool", runId: "r1" }),
    answer("m1", "r1", "u1"),
    run("r2", "u1"),
    leaf("u1"),
    opened({ id: "s2", type: "tool", runId: "r2" }),
  );
  expect(turns(fold)).toMatchObject([{ id: "u1", user: "u1", runId: "r2", items: ["s2"] }]);
});

test("a run that failed before it said anything is seen", () => {
  const fold = folded(
    { kind: "run-queued", id: "r0", callback: "on_chat_start", at: "T" },
    { kind: "run-ended", id: "r0", at: "T", status: "failed", error: { id: "e", text: "broken" } },
  );
  expect(turns(fold)).toEqual([{ id: "r0", runId: "r0", items: [] }]);
});

test("a delta leaves the turns as they are, and a new step leaves the other turns", () => {
  const fold = folded(run("r1", "u1"), user("u1"), answer("m1", "r1", "u1"), user("u2", "m1"), leaf("u2"));
  const before = turns(fold);
  fold.apply({ kind: "step-delta", id: "m1", text: "x" });
  expect(turns(fold, before)).toBe(before);
  fold.apply(answer("m2", "r2", "u2"));
  fold.apply(leaf("m2"));
  const after = turns(fold, before);
  expect(after).not.toBe(before);
  expect(after[0]).toBe(before[0]);
});

test("a loop in what was sent ends the walk", () => {
  const fold = new ThreadFold();
  const state = { thread: { id: "t" }, leaf: "a" };
  fold.restore({ state: { ...state, steps: [{ id: "a", type: "user_message", priorId: "a" }] } });
  expect(branch(fold)).toEqual(["a"]);
});

test("after an edit both messages stand at one fork, and so do the answers after another answer", () => {
  const fold = folded(
    run("r1", "u1"),
    user("u1"),
    answer("m1", "r1", "u1"),
    run("r2", "u2"),
    user("u2"),
    answer("m2", "r2", "u2"),
    run("r3", "u2"),
    answer("m3", "r3", "u2"),
    leaf("m3"),
  );
  const [turn] = turns(fold);
  expect(turn?.forks?.get("u2")).toEqual({ ids: ["u1", "u2"], at: 1 });
  expect(turn?.forks?.get("m3")).toEqual({ ids: ["m2", "m3"], at: 1 });
  expect(tipOf(fold, "u1")).toBe("m1");
  expect(tipOf(fold, "u2")).toBe("m3");
  fold.apply(leaf("m1"));
  expect(turns(fold)[0]?.forks).toEqual(new Map([["u1", { ids: ["u1", "u2"], at: 0 }]]));
});

test("an answer that has not begun is one of the fork, whichever is shown", () => {
  const fold = folded(run("r1", "u1"), user("u1"), answer("m1", "r1", "u1"), run("r2", "u1"));
  fold.apply({ kind: "run-started", id: "r2", at: "T" });
  fold.apply(leaf("u1"));
  expect(turns(fold)[0]?.next).toEqual({ ids: ["m1"], at: 1, pending: "u1" });
  fold.apply(leaf("m1"));
  expect(turns(fold)[0]?.next).toBeUndefined();
  expect(turns(fold)[0]?.forks?.get("m1")).toEqual({ ids: ["m1"], at: 0, pending: "u1" });
  fold.apply(answer("m2", "r2", "u1"));
  expect(turns(fold)[0]?.forks?.get("m1")).toEqual({ ids: ["m1", "m2"], at: 0 });
});

test("a turn stays the same object until its forks change", () => {
  const fold = folded(run("r1", "u1"), user("u1"), answer("m1", "r1", "u1"), answer("m2", "r1", "u1"), leaf("m2"));
  const before = turns(fold);
  fold.apply(opened({ id: "elsewhere", type: "tool", parentId: "m1" }));
  expect(turns(fold, before)).toBe(before);
  fold.apply(answer("m3", "r1", "u1"));
  expect(turns(fold, before)).not.toBe(before);
});
