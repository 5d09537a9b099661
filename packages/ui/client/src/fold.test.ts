import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ThreadFold } from "./fold";
import type { Event, Snapshot, State, Step, ThreadInfo } from "./protocol.gen";

const VECTORS = fileURLToPath(new URL("../../../core/tests/vectors", import.meta.url));

interface Vector {
  name: string;
  events: Event[];
  state: State;
}

interface Pages {
  name: string;
  frames: ({ events: Event[] } | (Pick<Snapshot, "since" | "removed" | "window"> & { state: State }))[];
  views: State[];
}

function step(id: string, more: Partial<Step> = {}): Event {
  return { kind: "step-opened", step: { id, type: "tool", ...more } };
}

function message(id: string, priorId?: string): Event {
  return step(id, { type: "assistant_message", ...(priorId !== undefined && { priorId }) });
}

function folded(events: readonly Event[], thread: ThreadInfo = { id: "t1" }): ThreadFold {
  const fold = new ThreadFold(thread);
  for (const event of events) fold.apply(event);
  return fold;
}

const STORY: Event[] = [
  { kind: "run-queued", id: "r1", callback: "on_message", at: "T0", trigger: "u1", text: "hi", commandId: "c1" },
  step("u1", { type: "user_message", output: "hi", commandId: "c1", end: "T0" }),
  { kind: "leaf-moved", id: "u1" },
  { kind: "run-started", id: "r1", at: "T1" },
  step("s1", { runId: "r1" }),
  { kind: "step-delta", id: "s1", field: "input", text: "a" },
  step("s2", { runId: "r1", parentId: "s1" }),
  { kind: "step-closed", id: "s2", end: "T2", set: { output: "done" } },
  step("m1", { type: "assistant_message", runId: "r1", priorId: "u1" }),
  { kind: "leaf-moved", id: "m1" },
  { kind: "step-delta", id: "m1", text: "Hel" },
  { kind: "step-delta", id: "m1", text: "lo" },
  { kind: "step-closed", id: "m1", end: "T3" },
  { kind: "step-delta", id: "m1", text: "!" },
  { kind: "element-put", element: { id: "e1", type: "text", name: "n", forId: "s2" } },
  { kind: "ask-opened", id: "a1", stepId: "s1", runId: "r1", type: "text" },
  { kind: "state-patched", set: { profile: "p", session: { x: 1 } } },
  { kind: "state-patched", set: { profile: null, session: { y: 2 } } },
  { kind: "step-removed", id: "s1" },
  { kind: "step-delta", id: "s2", text: "late" },
  { kind: "save-failed", since: "T4", reason: "disk" },
  { kind: "save-progressed", seq: 12 },
  { kind: "run-ended", id: "r1", at: "T5", status: "done" },
  { kind: "run-ended", id: "r1", at: "T6", status: "failed" },
];

test("a story folds into the state it tells", () => {
  expect(folded(STORY).view()).toEqual({
    thread: { id: "t1" },
    runs: [
      {
        id: "r1",
        callback: "on_message",
        status: "done",
        trigger: "u1",
        commandId: "c1",
        queuedAt: "T0",
        startedAt: "T1",
        endedAt: "T5",
      },
    ],
    steps: [
      { id: "u1", type: "user_message", output: "hi", commandId: "c1", end: "T0" },
      { id: "m1", type: "assistant_message", runId: "r1", priorId: "u1", output: "Hello!" },
    ],
    leaf: "m1",
    session: { x: 1, y: 2 },
    saved: { seq: 12 },
  });
});

function foldedWithSnapshotAt(cut: number, events: readonly Event[], thread?: ThreadInfo): ThreadFold {
  const prefix = folded(events.slice(0, cut), thread).view();
  const fold = new ThreadFold();
  fold.restore({ state: JSON.parse(JSON.stringify(prefix)) as State });
  for (const event of events.slice(cut)) fold.apply(event);
  return fold;
}

test("a snapshot at any point replaces the events before it", () => {
  const whole = folded(STORY).view();
  for (let cut = 0; cut <= STORY.length; cut += 1) {
    expect(foldedWithSnapshotAt(cut, STORY).view(), `cut at ${cut}`).toEqual(whole);
  }
});

test("a partial snapshot changes what it names and removes what it says", () => {
  const fold = folded([message("m1"), message("m2", "m1"), step("s1", { parentId: "m1" })]);
  fold.restore({
    since: 3,
    removed: [["steps", "s1"]],
    state: { thread: { id: "t1" }, leaf: "m2", steps: [{ id: "m2", type: "assistant_message", output: "x" }] },
  });
  expect([...fold.steps.keys()]).toEqual(["m1", "m2"]);
  expect(fold.step("m2")?.output).toBe("x");
  expect(fold.step("m1")?.children).toEqual([]);
});

test("followers and the leaf of a removed message take what it followed", () => {
  const fold = folded([
    message("m1"),
    message("m2", "m1"),
    message("m3", "m2"),
    { kind: "leaf-moved", id: "m2" },
    { kind: "step-removed", id: "m2" },
  ]);
  expect(fold.leaf).toBe("m1");
  expect(fold.step("m3")?.priorId).toBe("m1");
});

test("a delta touches its own step and nothing else", () => {
  const fold = folded([message("m1"), message("m2", "m1")]);
  fold.takeTouched();
  const other = fold.step("m1");
  fold.apply({ kind: "step-delta", id: "m2", text: "x" });
  expect([...fold.takeTouched()]).toEqual(["step:m2"]);
  expect(fold.step("m1")).toBe(other);
});

test("a view stays the same object until its step changes", () => {
  const fold = folded([message("m1")]);
  const before = fold.step("m1");
  expect(fold.step("m1")).toBe(before);
  fold.apply({ kind: "step-delta", id: "m1", text: "x" });
  expect(fold.step("m1")).not.toBe(before);
  expect(fold.step("m1")?.output).toBe("x");
});

test("a kind nobody knows is skipped and said once", () => {
  const warnings: string[] = [];
  const fold = new ThreadFold({ id: "t1" }, (text) => warnings.push(text));
  const event = JSON.parse('{"kind": "moon-rose", "id": "x"}') as Event;
  fold.apply(event);
  fold.apply(event);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("moon-rose");
});

describe("golden vectors, shared with the Python fold", () => {
  const files = existsSync(VECTORS) ? readdirSync(VECTORS).filter((name) => name.endsWith(".json")) : [];

  test("are there", () => {
    expect(files).not.toEqual([]);
  });

  for (const file of files) {
    const vector = JSON.parse(readFileSync(`${VECTORS}/${file}`, "utf8")) as Vector;
    const thread = { id: vector.state.thread.id };
    test(vector.name, () => {
      expect(folded(vector.events, thread).view()).toEqual(vector.state);
      for (let cut = 0; cut < vector.events.length; cut += 1) {
        expect(foldedWithSnapshotAt(cut, vector.events, thread).view(), `cut at ${cut}`).toEqual(vector.state);
      }
    });
  }
});

describe("what a reader by pages has after each frame, shared with the Python fold", () => {
  const files = readdirSync(`${VECTORS}/pages`);

  test("is there", () => {
    expect(files).not.toEqual([]);
  });

  for (const file of files) {
    const { name, frames, views } = JSON.parse(readFileSync(`${VECTORS}/pages/${file}`, "utf8")) as Pages;
    test(name, () => {
      const fold = new ThreadFold();
      for (const [index, frame] of frames.entries()) {
        if ("events" in frame) for (const event of frame.events) fold.apply(event);
        else fold.restore(frame);
        expect(fold.view(), `frame ${index + 1}`).toEqual(views[index]);
      }
    });
  }
});

test("a page leaves what is there as it was", () => {
  const fold = new ThreadFold();
  const window = { before: "m2", more: true, place: 2 };
  const state: State = {
    thread: { id: "t1" },
    steps: [{ id: "m2", type: "assistant_message", priorId: "m1" }],
    leaf: "m2",
  };
  fold.restore({ state, window });
  const before = fold.step("m2");
  fold.restore({
    state: { ...state, steps: [{ id: "m1", type: "assistant_message" }] },
    since: 5,
    window: { before: "m1" },
  });
  expect([...fold.steps.keys()]).toEqual(["m1", "m2"]);
  expect(fold.step("m2")).toBe(before);
  expect(fold.isPartial).toBe(false);
});
