import type { ThreadFold } from "./fold";
import type { RunInfo } from "./protocol.gen";

/** What somebody said and what came of it: one user message with the runs that answer it. */
export interface Turn {
  readonly id: string;
  /** Id of the user message; absent for what the app says unasked. */
  readonly user?: string;
  /** The run that answers it, the latest one if there were several. */
  readonly runId?: string;
  /** Ids of the steps to show in order: assistant and system messages, and steps without a parent. */
  readonly items: readonly string[];
  /** By the id of a message that is shown: the place where the conversation forks to it. */
  readonly forks?: ReadonlyMap<string, Fork>;
  /** The fork to an answer that has not begun, beside others that are there. */
  readonly next?: Fork;
}

/** A place in the conversation where several messages follow the same one. */
export interface Fork {
  /** Ids of the messages that stand there, the oldest first. */
  readonly ids: readonly string[];
  /** Which of them is shown; their number for the answer that has not begun. */
  readonly at: number;
  /** The message to whom one more answer has not begun, if there is such a one. */
  readonly pending?: string;
}

interface Draft {
  id: string;
  user?: string;
  runId?: string;
  items: string[];
  forks?: Map<string, Fork>;
  next?: Fork;
}

/** Ids of the messages on the shown branch, the first one first. */
export function branch(fold: ThreadFold): string[] {
  const ids: string[] = [];
  const seen = new Set<string>();
  let id = fold.leaf;
  while (id !== undefined && !seen.has(id)) {
    const entry = fold.steps.get(id);
    if (entry === undefined) break;
    seen.add(id);
    ids.push(id);
    id = entry.facts.priorId;
  }
  return ids.reverse();
}

/** The shown branch as turns. Turns that did not change are those of `before`, and so is the whole list. */
export function turns(fold: ThreadFold, before: readonly Turn[] = []): readonly Turn[] {
  const shown = branch(fold);
  const drafts: Draft[] = [];
  const turnOfMessage = new Map<string, Draft>();
  for (const id of shown) {
    const isUser = fold.steps.get(id)?.facts.type === "user_message";
    let draft = drafts.at(-1);
    if (isUser || draft === undefined) {
      draft = isUser ? { id, user: id, items: [] } : { id, items: [] };
      drafts.push(draft);
    }
    turnOfMessage.set(id, draft);
  }
  const turnOfRun = placeRuns(fold, drafts, turnOfMessage);
  placeItems(fold, drafts, turnOfMessage, turnOfRun);
  placeForks(fold, shown, turnOfMessage);
  return reuse(drafts, before);
}

/** The last message of the branch that goes on from `id`, where it forks by what was said last. */
export function tipOf(fold: ThreadFold, id: string): string {
  const following = followers(fold);
  let tip = id;
  for (let next: string | undefined = id; next !== undefined; next = following.get(tip)?.at(-1)) tip = next;
  return tip;
}

/** Ids of the messages that follow each message, and of those that follow none; the oldest first. */
function followers(fold: ThreadFold): Map<string | undefined, string[]> {
  const found = new Map<string | undefined, string[]>();
  for (const [id, entry] of fold.steps) {
    if (!entry.isMessage) continue;
    const ids = found.get(entry.facts.priorId);
    if (ids === undefined) found.set(entry.facts.priorId, [id]);
    else ids.push(id);
  }
  return found;
}

function placeForks(fold: ThreadFold, shown: readonly string[], turnOfMessage: Map<string, Draft>): void {
  const following = followers(fold);
  const pending = silentAnswers(fold);
  for (const id of shown) {
    const prior = fold.steps.get(id)?.facts.priorId;
    const ids = following.get(prior) ?? [];
    const isPending = prior !== undefined && pending.has(prior);
    const turn = turnOfMessage.get(id);
    if (turn === undefined || ids.length + Number(isPending) < 2) continue;
    turn.forks ??= new Map();
    turn.forks.set(id, { ids, at: ids.indexOf(id), ...(isPending && { pending: prior }) });
  }
  const last = shown.at(-1);
  const ids = following.get(last);
  if (last === undefined || ids === undefined || fold.steps.get(last)?.facts.type !== "user_message") return;
  const turn = turnOfMessage.get(last);
  if (turn !== undefined) turn.next = { ids, at: ids.length, pending: last };
}

/** The messages whose answer is being made and has not said anything yet. */
function silentAnswers(fold: ThreadFold): ReadonlySet<string> {
  const found = new Map<string, string>();
  for (const run of fold.runs.values()) {
    if (run.status === "running" && run.trigger !== undefined) found.set(run.id, run.trigger);
  }
  if (found.size > 0) {
    for (const entry of fold.steps.values()) {
      const { runId, type } = entry.facts;
      if (runId !== undefined && entry.isMessage && type !== "user_message") found.delete(runId);
    }
  }
  return new Set(found.values());
}

/** Which turn each run's steps stand in. Runs that answer on another branch stand in none. */
function placeRuns(fold: ThreadFold, drafts: Draft[], turnOfMessage: Map<string, Draft>): Map<string, Draft> {
  const turnOfRun = new Map<string, Draft>();
  const speaking = new Set<string>();
  for (const [id, entry] of fold.steps) {
    const { runId, type } = entry.facts;
    if (runId === undefined || !entry.isMessage || type === "user_message") continue;
    speaking.add(runId);
    const turn = turnOfMessage.get(id);
    if (turn !== undefined && !turnOfRun.has(runId)) turnOfRun.set(runId, turn);
  }
  for (const run of fold.runs.values()) {
    if (turnOfRun.has(run.id) || speaking.has(run.id)) continue;
    const turn = run.trigger === undefined ? undefined : turnOfMessage.get(run.trigger);
    if (turn !== undefined) turnOfRun.set(run.id, turn);
    else if (run.trigger === undefined && run.error !== undefined) turnOfRun.set(run.id, unasked(run, drafts));
  }
  for (const run of fold.runs.values()) {
    const turn = turnOfRun.get(run.id);
    if (turn === undefined) continue;
    const isAnswer = run.trigger !== undefined && run.trigger === turn.user;
    const current = turn.runId === undefined ? undefined : fold.runs.get(turn.runId);
    const hasAnswer = current?.trigger !== undefined && current.trigger === turn.user;
    if (isAnswer || !hasAnswer) turn.runId = run.id;
  }
  return turnOfRun;
}

/** A turn for a run that failed without a word, so that its error is seen. */
function unasked(run: RunInfo, drafts: Draft[]): Draft {
  const draft: Draft = { id: run.id, items: [] };
  if (run.callback === "on_chat_start") drafts.unshift(draft);
  else drafts.push(draft);
  return draft;
}

function placeItems(
  fold: ThreadFold,
  drafts: Draft[],
  turnOfMessage: Map<string, Draft>,
  turnOfRun: Map<string, Draft>,
): void {
  let latest: Draft | undefined;
  for (const [id, entry] of fold.steps) {
    const { parentId, runId } = entry.facts;
    if (entry.isMessage) {
      const turn = turnOfMessage.get(id);
      if (turn === undefined) continue;
      latest = turn;
      if (turn.user !== id) turn.items.push(id);
      continue;
    }
    const parent = parentId === undefined ? undefined : fold.steps.get(parentId);
    if (parent !== undefined && parent.facts.type !== "user_message") continue;
    if (parent !== undefined && parentId !== undefined && !turnOfMessage.has(parentId)) continue;
    const turn = runId === undefined ? latest : (turnOfRun.get(runId) ?? silent(fold, runId, latest));
    if (turn !== undefined) turn.items.push(id);
    else if (isUnasked(fold, runId)) {
      latest = { id, items: [id], ...(runId !== undefined && { runId }) };
      if (runId !== undefined) turnOfRun.set(runId, latest);
      drafts.unshift(latest);
    }
  }
}

function isUnasked(fold: ThreadFold, runId: string | undefined): boolean {
  const run = runId === undefined ? undefined : fold.runs.get(runId);
  if (runId !== undefined && run === undefined && fold.isPartial) return false; // it belongs to an older turn
  return run?.trigger === undefined;
}

/** The turn for the steps of a run that nobody asked for and that says nothing: where the log was at the time. */
function silent(fold: ThreadFold, runId: string, latest: Draft | undefined): Draft | undefined {
  if (!isUnasked(fold, runId)) return undefined;
  const speaks = [...fold.steps.values()].some((entry) => entry.isMessage && entry.facts.runId === runId);
  return speaks ? undefined : latest;
}

function reuse(drafts: readonly Draft[], before: readonly Turn[]): readonly Turn[] {
  const known = new Map(before.map((turn) => [turn.id, turn]));
  const next = drafts.map((draft) => {
    const turn = known.get(draft.id);
    return turn !== undefined && isSame(turn, draft) ? turn : draft;
  });
  const unchanged = next.length === before.length && next.every((turn, index) => turn === before[index]);
  return unchanged ? before : next;
}

function isSame(a: Turn, b: Turn): boolean {
  return (
    a.user === b.user &&
    a.runId === b.runId &&
    a.items.length === b.items.length &&
    a.items.every((item, index) => item === b.items[index]) &&
    isSameFork(a.next, b.next) &&
    (a.forks?.size ?? 0) === (b.forks?.size ?? 0) &&
    [...(a.forks ?? [])].every(([id, fork]) => isSameFork(fork, b.forks?.get(id)))
  );
}

function isSameFork(a: Fork | undefined, b: Fork | undefined): boolean {
  return (
    a === b ||
    (a !== undefined &&
      b !== undefined &&
      a.at === b.at &&
      a.pending === b.pending &&
      a.ids.length === b.ids.length &&
      a.ids.every((id, index) => id === b.ids[index]))
  );
}
