import { expect, test } from "vitest";
import { ThreadFold } from "./fold";
import type { Generation, RunInfo, Step } from "./protocol.gen";
import { compare, matchesOf, nodeJson, pairsMatching, rowsOf, type Trace, traceJson, traceOf } from "./trace";

const at = (seconds: number): string => new Date(1_700_000_000_000 + seconds * 1000).toISOString();
const ms = (seconds: number): number => 1_700_000_000_000 + seconds * 1000;

const DONE: RunInfo = { id: "r", callback: "on_message", status: "done", startedAt: at(0), endedAt: at(9) };

type Given = Partial<Step> & { id: string };

/** A trace of steps that are done, by their parents' ids. */
function trace(steps: readonly Given[], run: RunInfo = DONE): Trace {
  const fold = new ThreadFold({ id: "t" });
  for (const step of steps) {
    const whole: Step = { type: "tool", name: step.id, runId: "r", start: at(1), end: at(2), ...step };
    fold.apply({ kind: "step-opened", step: whole });
  }
  return traceOf(
    steps.flatMap(({ id }) => fold.step(id) ?? []),
    run,
  );
}

const llm = (id: string, generation: Generation, parentId?: string): Given => ({
  id,
  type: "llm",
  generation,
  ...(parentId !== undefined && { parentId }),
});

const ids = (nodes: readonly { id: string }[]): string[] => nodes.map(({ id }) => id);
const shown = (of: Trace, folded: readonly string[] = [], matches?: ReadonlySet<string>): string[] =>
  rowsOf(of.roots, new Set(folded), matches).map(({ node }) => `${"  ".repeat(node.depth)}${node.id}`);

test("steps are a tree in the order they began, wherever their parents stand", () => {
  const found = trace([
    { id: "a" },
    { id: "b", parentId: "a" },
    { id: "c" },
    { id: "d", parentId: "b" },
    { id: "e", parentId: "a" },
  ]);
  expect(shown(found)).toEqual(["a", "  b", "    d", "  e", "c"]);
  expect(ids(found.nodes)).toEqual(["a", "b", "d", "e", "c"]);
});

test("a step whose parent is of another run stands at the top", () => {
  expect(shown(trace([{ id: "a" }, { id: "b", parentId: "elsewhere" }].slice(0, 1)))).toEqual(["a"]);
  const fold = new ThreadFold({ id: "t" });
  fold.apply({ kind: "step-opened", step: { id: "q", type: "user_message" } });
  fold.apply({ kind: "step-opened", step: { id: "a", type: "tool", parentId: "q", runId: "r" } });
  const step = fold.step("a");
  expect(shown(traceOf(step ? [step] : [], undefined))).toEqual(["a"]);
});

test("what models took adds up to the top", () => {
  const { sums, roots } = trace([
    { id: "agent", type: "run" },
    llm("one", { inputTokenCount: 100, outputTokenCount: 10, cost: 0.5 }, "agent"),
    { id: "tool", parentId: "agent" },
    llm("two", { inputTokenCount: 200, outputTokenCount: 20, tokenCount: 221, cost: 0.25 }, "tool"),
  ]);
  expect(sums).toEqual({ inputTokens: 300, outputTokens: 30, tokens: 331, cost: 0.75, unpriced: 0 });
  expect(roots[0]?.sums).toEqual(sums);
});

test("a sum that a framework tells of a parent is not counted again", () => {
  const { sums } = trace([
    llm("chain", { tokenCount: 330, cost: 0.75 }),
    llm("one", { tokenCount: 110, cost: 0.5 }, "chain"),
    llm("two", { tokenCount: 220, cost: 0.25 }, "chain"),
  ]);
  expect(sums).toMatchObject({ tokens: 330, cost: 0.75 });
});

test("one call that two adapters tell of is counted once, also where one tells less", () => {
  const { sums } = trace([
    llm("langchain", { tokenCount: 100 }),
    llm("openai", { inputTokenCount: 90, outputTokenCount: 10, cost: 0.5 }, "langchain"),
  ]);
  expect(sums).toEqual({ inputTokens: 90, outputTokens: 10, tokens: 100, cost: 0.5, unpriced: 0 });
});

test("a parent that tells less than what is below it does not hide that", () => {
  expect(trace([llm("own", { tokenCount: 5 }), llm("below", { tokenCount: 80 }, "own")]).sums.tokens).toBe(80);
});

test("a model without a price makes the cost a least one", () => {
  const { sums } = trace([llm("known", { tokenCount: 10, cost: 0.5 }), llm("unknown", { tokenCount: 10 })]);
  expect(sums).toMatchObject({ tokens: 20, cost: 0.5, unpriced: 1 });
  expect(trace([{ id: "a" }]).sums).toEqual({ unpriced: 0 });
});

test("what a run left open has ended with it, and goes on while the run does", () => {
  const open: Given = { id: "a", start: at(1) };
  const steps = (fold: ThreadFold) => fold.step("a");
  const fold = new ThreadFold({ id: "t" });
  fold.apply({ kind: "step-opened", step: { type: "tool", ...open } });
  const step = steps(fold);
  const of = (run: RunInfo) => traceOf(step ? [step] : [], run);
  const stopped = of({ ...DONE, status: "stopped" });
  expect(stopped.nodes[0]).toMatchObject({ status: "stopped", end: ms(9) });
  const { endedAt: _, ...begun } = DONE;
  const going = of({ ...begun, status: "running" });
  expect(going.nodes[0]).toMatchObject({ status: "running", end: undefined });
  expect(going).toMatchObject({ start: ms(0), end: undefined });
});

test("the first piece of a model has its place in time", () => {
  expect(trace([llm("a", { ttFirstToken: 250 })]).nodes[0]?.firstAt).toBe(ms(1.25));
});

test("causes come before what failed because of them", () => {
  const isError = true;
  const { failures } = trace([
    { id: "agent", isError },
    { id: "fine", parentId: "agent" },
    { id: "tool", parentId: "agent", isError },
    { id: "request", parentId: "tool", isError },
    { id: "later", isError },
  ]);
  expect(ids(failures)).toEqual(["request", "tool", "agent", "later"]);
});

test("folded steps hide what is in them, and rows know their place", () => {
  const found = trace([{ id: "a" }, { id: "b", parentId: "a" }, { id: "c", parentId: "a" }, { id: "d" }]);
  expect(shown(found, ["a"])).toEqual(["a", "d"]);
  const rows = rowsOf(found.roots, new Set());
  expect(rows.map(({ place, siblings, isOpen }) => [place, siblings, isOpen])).toEqual([
    [1, 2, true],
    [1, 2, false],
    [2, 2, false],
    [2, 2, false],
  ]);
});

test("a search finds names, inputs that are shown and outputs, and what they are in stays", () => {
  const found = trace([
    { id: "agent", type: "run" },
    { id: "search", parentId: "agent", input: "Prices in ROME", showInput: "json" },
    { id: "quiet", parentId: "agent", input: "rome" },
    { id: "answer", output: "(rome)", isError: true },
  ]);
  const match = (filter: Parameters<typeof matchesOf>[1]) => matchesOf(found, filter);
  expect(match({ text: " " })).toBeUndefined();
  expect([...(match({ text: "rome" }) ?? [])]).toEqual(["search", "answer"]);
  expect(shown(found, ["agent"], match({ text: "rome" }))).toEqual(["agent", "  search", "answer"]);
  expect([...(match({ text: "(ROME)", status: "failed" }) ?? [])]).toEqual(["answer"]);
  expect([...(match({ type: "run" }) ?? [])]).toEqual(["agent"]);
  expect(shown(found, [], match({ text: "[" }))).toEqual([]);
});

test("two runs are one tree, by names and their order, with what differs", () => {
  const one = trace([
    { id: "a1", name: "plan", output: "x" },
    llm("a2", { tokenCount: 10, cost: 0.1 }),
    { id: "a3", name: "search", end: at(1.5) },
    { id: "a4", name: "search" },
    { id: "a5", name: "only here" },
  ]);
  const other = trace([
    { id: "b1", name: "plan", output: "y" },
    { id: "b2", name: "check" },
    { ...llm("b3", { tokenCount: 12, cost: 0.2 }), name: "a2" },
    { id: "b4", name: "search", end: at(3) },
    { id: "b5", name: "found", parentId: "b4" },
  ]);
  const rows = rowsOf(compare(one, other), new Set()).map(({ node }) => [
    node.one?.id,
    node.other?.id,
    [...node.differs].join(" "),
  ]);
  expect(rows).toEqual([
    ["a1", "b1", "output"],
    [undefined, "b2", ""],
    ["a2", "b3", "tokens cost"],
    ["a3", "b4", "duration"],
    [undefined, "b5", ""],
    ["a4", undefined, ""],
    ["a5", undefined, ""],
  ]);
});

test("small differences of time are none", () => {
  const lasting = (seconds: number) => trace([{ id: "a", name: "same", start: at(0), end: at(seconds) }]);
  const differ = (one: number, other: number) => compare(lasting(one), lasting(other))[0]?.differs.has("duration");
  expect(differ(0.001, 0.05)).toBe(false);
  expect(differ(10, 11)).toBe(false);
  expect(differ(10, 13)).toBe(true);
  expect(differ(0.3, 0.1)).toBe(true);
});

test("a filter keeps a pair for either of its steps", () => {
  const one = trace([{ id: "a", name: "same", output: "rain" }, { id: "b" }]);
  const other = trace([{ id: "c", name: "same", output: "sun" }]);
  const found = (text: string) => [
    ...(pairsMatching(compare(one, other), matchesOf(one, { text }), matchesOf(other, { text })) ?? []),
  ];
  expect(found("rain")).toEqual(["a"]);
  expect(found("sun")).toEqual(["a"]);
  expect(pairsMatching(compare(one, other), undefined, undefined)).toBeUndefined();
});

test("a trace is copied as steps in steps, without inputs that are not shown", () => {
  const found = trace([
    { id: "a", name: "plan", input: "secret", output: "out", metadata: { k: 1 }, start: at(1), end: at(2.5) },
    llm("b", { model: "m", tokenCount: 7 }, "a"),
  ]);
  const copy = traceJson(found, DONE);
  expect(copy).toMatchObject({ run: "r", status: "done", durationSeconds: 9, tokens: 7, unpriced: 1 });
  expect(JSON.stringify(copy)).not.toContain("secret");
  const node = found.nodes[0];
  expect(node && nodeJson(node)).toMatchObject({
    name: "plan",
    status: "done",
    durationSeconds: 1.5,
    output: "out",
    metadata: { k: 1 },
    steps: [{ id: "b", generation: { model: "m", tokenCount: 7 } }],
  });
});

test("ten thousand steps in one chain are a trace", () => {
  const steps = Array.from({ length: 10_000 }, (_, index): Given => {
    return index === 0 ? { id: "0" } : { id: `${index}`, parentId: `${index - 1}` };
  });
  const found = trace([...steps, llm("last", { tokenCount: 3 }, "9999")]);
  expect(found.sums.tokens).toBe(3);
  expect(rowsOf(found.roots, new Set())).toHaveLength(10_001);
  expect(compare(found, found)).toHaveLength(1);
});
