import type { StepView } from "./entry";
import type { RunInfo } from "./protocol.gen";

/** The trace of a run: its steps as a tree, summed up, searched, laid out in rows and compared. Pure. */
export interface Trace {
  readonly roots: readonly TraceNode[];
  /** All of them, each before what is below it. */
  readonly nodes: readonly TraceNode[];
  /** All of it together. */
  readonly sums: Sums;
  /** When it began and ended, in milliseconds; no end while something goes on. */
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** Steps that failed; one that failed because of others stands after those. */
  readonly failures: readonly TraceNode[];
}

export type TraceStatus = "running" | "done" | "failed" | "stopped";

/** A step of a trace, with what is below it. */
export interface TraceNode {
  readonly id: string;
  readonly step: StepView;
  readonly parent: TraceNode | undefined;
  readonly depth: number;
  readonly children: readonly TraceNode[];
  readonly status: TraceStatus;
  readonly start: number | undefined;
  readonly end: number | undefined;
  /** When a model said its first piece. */
  readonly firstAt: number | undefined;
  /** Of the step and all that is below it. */
  readonly sums: Sums;
}

/** What models took. A figure that nobody told is absent. */
export interface Sums {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly tokens?: number;
  /** In US dollars. */
  readonly cost?: number;
  /** Models that told their tokens, but have no price: then `cost` is the least it was. */
  readonly unpriced: number;
}

type Figure = "inputTokens" | "outputTokens" | "tokens" | "cost";
const FIGURES: readonly Figure[] = ["inputTokens", "outputTokens", "tokens", "cost"];

interface Draft {
  id: string;
  step: StepView;
  parent: Draft | undefined;
  depth: number;
  children: Draft[];
  status: TraceStatus;
  start: number | undefined;
  end: number | undefined;
  firstAt: number | undefined;
  sums: Sums;
}

/** The tree of a run's steps, which come in the order they began. What the run left open has ended with it. */
export function traceOf(steps: readonly StepView[], run: RunInfo | undefined): Trace {
  const isGoing = run?.status === "running";
  const runEnd = timeOf(run?.endedAt);
  const drafts = new Map<string, Draft>();
  const roots: Draft[] = [];
  for (const step of steps) {
    const parent = step.parentId === undefined ? undefined : drafts.get(step.parentId);
    const start = timeOf(step.start ?? step.createdAt);
    const wasCut = step.isOpen && !isGoing;
    const firstToken = step.generation?.ttFirstToken;
    const draft: Draft = {
      id: step.id,
      step,
      parent,
      depth: parent === undefined ? 0 : parent.depth + 1,
      children: [],
      status: step.isError ? "failed" : wasCut ? "stopped" : step.isOpen ? "running" : "done",
      start,
      end: timeOf(step.end) ?? (wasCut ? (runEnd ?? start) : undefined),
      firstAt: start === undefined || firstToken === undefined ? undefined : start + firstToken,
      sums: NONE,
    };
    drafts.set(step.id, draft);
    (parent?.children ?? roots).push(draft);
  }
  // A parent stands before its children, so that from the last one on, those are summed up before it.
  for (const draft of [...drafts.values()].reverse()) draft.sums = sumsOf(draft);
  const nodes: Draft[] = [];
  const failures: Draft[] = [];
  visit(roots, nodes, failures);
  const starts = nodes.flatMap(({ start }) => start ?? []);
  const ends = nodes.flatMap(({ end }) => end ?? []);
  return {
    roots,
    nodes,
    sums: added(roots.map(({ sums }) => sums)),
    start: leastOf([timeOf(run?.startedAt) ?? [], starts].flat()),
    end: isGoing ? undefined : mostOf([runEnd ?? [], ends].flat()),
    failures,
  };
}

/** Depth first, without recursion: a chain of steps may be deeper than a stack of calls. */
function visit(roots: readonly Draft[], nodes: Draft[], failures: Draft[]): void {
  const ahead: { draft: Draft; isLeft: boolean }[] = [];
  const push = (drafts: readonly Draft[]): void => {
    for (let at = drafts.length - 1; at >= 0; at--) ahead.push({ draft: drafts[at] as Draft, isLeft: false });
  };
  push(roots);
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    const { draft, isLeft } = next;
    if (isLeft) {
      failures.push(draft);
      continue;
    }
    nodes.push(draft);
    if (draft.status === "failed") ahead.push({ draft, isLeft: true });
    push(draft.children);
  }
}

/**
 * What a step and all below it took. A framework may tell of a chain what its models told already, and two adapters
 * may tell of the same call; so a step counts for what it tells itself or for what is below it, whichever is more,
 * and never for both.
 */
function sumsOf({ step: { generation }, children }: Draft): Sums {
  const below = added(children.map(({ sums }) => sums));
  if (generation === undefined) return below;
  const { inputTokenCount: input, outputTokenCount: output, tokenCount, cost } = generation;
  const told = input === undefined && output === undefined ? undefined : (input ?? 0) + (output ?? 0);
  const own = { inputTokens: input, outputTokens: output, tokens: tokenCount ?? told, cost };
  const isUnpriced = cost === undefined && own.tokens !== undefined && below.cost === undefined;
  const sums: { -readonly [name in Figure]?: number } = {};
  for (const name of FIGURES) {
    const figure = mostOf([own[name] ?? [], below[name] ?? []].flat());
    if (figure !== undefined) sums[name] = figure;
  }
  return { ...sums, unpriced: cost !== undefined ? 0 : Math.max(below.unpriced, isUnpriced ? 1 : 0) };
}

function added(parts: readonly Sums[]): Sums {
  if (parts.length === 0) return NONE;
  const sums: { -readonly [name in Figure]?: number } = {};
  let unpriced = 0;
  for (const part of parts) {
    unpriced += part.unpriced;
    for (const name of FIGURES) {
      const figure = part[name];
      if (figure !== undefined) sums[name] = (sums[name] ?? 0) + figure;
    }
  }
  return { ...sums, unpriced };
}

// --- Searching ---

export interface TraceFilter {
  /** In names, inputs and outputs, whatever the case. */
  readonly text?: string;
  readonly type?: string;
  readonly status?: TraceStatus;
}

/** Ids of the steps that a filter keeps; nothing if it keeps all. */
export function matchesOf(trace: Trace, filter: TraceFilter): ReadonlySet<string> | undefined {
  const text = filter.text?.trim() ?? "";
  if (text === "" && filter.type === undefined && filter.status === undefined) return undefined;
  const wanted = new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "iu");
  const found = new Set<string>();
  for (const { id, step, status } of trace.nodes) {
    if (filter.type !== undefined && step.type !== filter.type) continue;
    if (filter.status !== undefined && status !== filter.status) continue;
    const input = step.showInput ? step.input : "";
    if (text === "" || [step.name ?? "", input, step.output].some((where) => wanted.test(where))) found.add(id);
  }
  return found;
}

// --- Rows ---

/** A node as a row of a tree, by what is folded. */
export interface TraceRow<T> {
  readonly node: T;
  readonly isOpen: boolean;
  /** Its place among its siblings, from 1, and their number. */
  readonly place: number;
  readonly siblings: number;
}

interface Branch {
  readonly id: string;
  readonly parent: Branch | undefined;
  readonly children: readonly Branch[];
}

/** The rows to show. With `matches`, those and what they are in, which is open then. */
export function rowsOf<T extends Branch>(
  roots: readonly T[],
  folded: ReadonlySet<string>,
  matches?: ReadonlySet<string>,
): TraceRow<T>[] {
  const shown = matches && withAncestors(roots, matches);
  const rows: TraceRow<T>[] = [];
  const ahead: TraceRow<T>[] = [];
  const push = (nodes: readonly T[]): void => {
    const there = shown === undefined ? nodes : nodes.filter(({ id }) => shown.has(id));
    for (let at = there.length - 1; at >= 0; at--) {
      const node = there[at] as T;
      const isInside = shown !== undefined && node.children.some(({ id }) => shown.has(id));
      const isOpen = shown === undefined ? node.children.length > 0 && !folded.has(node.id) : isInside;
      ahead.push({ node, isOpen, place: at + 1, siblings: there.length });
    }
  };
  push(roots);
  for (let row = ahead.pop(); row !== undefined; row = ahead.pop()) {
    rows.push(row);
    if (row.isOpen) push(row.node.children as readonly T[]);
  }
  return rows;
}

function withAncestors(roots: readonly Branch[], matches: ReadonlySet<string>): ReadonlySet<string> {
  const shown = new Set<string>();
  const ahead = [...roots];
  for (let node = ahead.pop(); node !== undefined; node = ahead.pop()) {
    if (matches.has(node.id)) {
      for (let at: Branch | undefined = node; at !== undefined && !shown.has(at.id); at = at.parent) shown.add(at.id);
    }
    for (const child of node.children) ahead.push(child);
  }
  return shown;
}

// --- Comparing ---

export type Difference = "status" | "duration" | "tokens" | "cost" | "output";

/** A step of one run beside the same one of another; one of them is absent where only the other run took it. */
export interface TracePair {
  readonly id: string;
  readonly one: TraceNode | undefined;
  readonly other: TraceNode | undefined;
  readonly parent: TracePair | undefined;
  readonly depth: number;
  readonly children: readonly TracePair[];
  readonly differs: ReadonlySet<Difference>;
}

/** Times differ always; from here on it says something. */
const SLOWER = 1.2;
const SLOWER_MILLISECONDS = 100;

/**
 * Two traces as one tree. Among siblings, steps of the same type and name are the same step: the first of the one run
 * and the first of the other, and so on. What only one run has stands where it had its place.
 */
export function compare(one: Trace, other: Trace): TracePair[] {
  const roots = paired(one.roots, other.roots, undefined);
  const ahead = [...roots];
  for (let pair = ahead.pop(); pair !== undefined; pair = ahead.pop()) {
    pair.children = paired(pair.one?.children ?? [], pair.other?.children ?? [], pair);
    for (const child of pair.children) ahead.push(child);
  }
  return roots;
}

/** Ids of the pairs that a filter keeps for one of their steps; nothing if it keeps all. */
export function pairsMatching(
  pairs: readonly TracePair[],
  ones: ReadonlySet<string> | undefined,
  others: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  if (ones === undefined || others === undefined) return undefined;
  const found = new Set<string>();
  const ahead = [...pairs];
  for (let pair = ahead.pop(); pair !== undefined; pair = ahead.pop()) {
    if (ones.has(pair.one?.id ?? "") || others.has(pair.other?.id ?? "")) found.add(pair.id);
    for (const child of pair.children) ahead.push(child);
  }
  return found;
}

interface PairDraft {
  id: string;
  one: TraceNode | undefined;
  other: TraceNode | undefined;
  parent: PairDraft | undefined;
  depth: number;
  children: PairDraft[];
  differs: ReadonlySet<Difference>;
}

/** Siblings beside each other; what is below them is not there yet. */
function paired(ones: readonly TraceNode[], others: readonly TraceNode[], parent: PairDraft | undefined): PairDraft[] {
  const twins = new Map<string, number[]>();
  others.forEach((node, at) => {
    const places = twins.get(kindOf(node));
    if (places === undefined) twins.set(kindOf(node), [at]);
    else places.push(at);
  });
  const places = ones.map((node) => twins.get(kindOf(node))?.shift());
  const taken = new Set(places);
  const pairs: PairDraft[] = [];
  const add = (mine: TraceNode | undefined, theirs: TraceNode | undefined): void => {
    const id = mine?.id ?? theirs?.id ?? "";
    const depth = parent === undefined ? 0 : parent.depth + 1;
    const differs = differences(mine, theirs);
    pairs.push({ id, one: mine, other: theirs, parent, depth, children: [], differs });
  };
  let next = 0;
  const addOthers = (end: number): void => {
    for (; next < end; next++) if (!taken.has(next)) add(undefined, others[next]);
  };
  ones.forEach((node, at) => {
    const place = places[at];
    if (place !== undefined) addOthers(place);
    add(node, place === undefined ? undefined : others[place]);
  });
  addOthers(others.length);
  return pairs;
}

function kindOf({ step }: TraceNode): string {
  return `${step.type}\n${step.name ?? ""}`;
}

function differences(one: TraceNode | undefined, other: TraceNode | undefined): ReadonlySet<Difference> {
  const differs = new Set<Difference>();
  if (one === undefined || other === undefined) return differs;
  if (one.status !== other.status) differs.add("status");
  if (isSlower(durationOf(one), durationOf(other))) differs.add("duration");
  if (one.sums.tokens !== other.sums.tokens) differs.add("tokens");
  if (one.sums.cost !== other.sums.cost) differs.add("cost");
  if (one.step.output !== other.step.output) differs.add("output");
  return differs;
}

function isSlower(one: number | undefined, other: number | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const [less, more] = one < other ? [one, other] : [other, one];
  return more - less >= SLOWER_MILLISECONDS && more >= less * SLOWER;
}

// --- Copying ---

/** A trace as somebody would keep it: steps in steps, with what they took. */
export function traceJson(trace: Trace, run: RunInfo | undefined): Record<string, unknown> {
  return filled({
    run: run?.id,
    callback: run?.callback,
    status: run?.status,
    error: run?.error?.text,
    ...timesOf(trace),
    ...trace.sums,
    unpriced: trace.sums.unpriced || undefined,
    steps: trace.roots.map(nodeJson),
  });
}

/** One step and what is below it. */
export function nodeJson(node: TraceNode): Record<string, unknown> {
  const { step, status, sums, children } = node;
  return filled({
    id: step.id,
    type: step.type,
    name: step.name,
    status,
    ...timesOf(node),
    ...sums,
    unpriced: sums.unpriced || undefined,
    input: step.showInput ? step.input : undefined,
    output: step.output,
    generation: step.generation,
    metadata: step.metadata,
    tags: step.tags,
    steps: children.length > 0 ? children.map(nodeJson) : undefined,
  });
}

function timesOf({ start, end }: { start: number | undefined; end: number | undefined }): Record<string, unknown> {
  const iso = (time: number | undefined): string | undefined =>
    time === undefined ? time : new Date(time).toISOString();
  const seconds = start === undefined || end === undefined ? undefined : (end - start) / 1000;
  return { start: iso(start), end: iso(end), durationSeconds: seconds };
}

function filled(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ""));
}

/** Milliseconds a step took; nothing while it goes on. */
export function durationOf({ start, end }: { start: number | undefined; end: number | undefined }): number | undefined {
  return start === undefined || end === undefined ? undefined : Math.max(0, end - start);
}

function timeOf(value: string | null | undefined): number | undefined {
  const time = value ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function leastOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((least, value) => Math.min(least, value));
}

function mostOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((most, value) => Math.max(most, value));
}

const NONE: Sums = { unpriced: 0 };
