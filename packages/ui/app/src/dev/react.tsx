import { type JSX, type ReactNode, useSyncExternalStore } from "react";
import { answer } from "./answer";

/** Stands in for the hooks in `--mode fake`: one scripted thread; the address's hash picks the scene. */
export interface StepView {
  id: string;
  type: string;
  name?: string;
  author?: string;
  input: string;
  output: string;
  language?: string;
  showInput?: boolean | string;
  isError?: boolean;
  createdAt?: string;
  start?: string;
  end?: string;
  defaultOpen?: boolean;
  autoCollapse?: boolean;
  isOpen: boolean;
  children: readonly string[];
  isMessage: boolean;
}
export interface Turn {
  id: string;
  user?: string;
  runId?: string;
  items: readonly string[];
}
export interface Failure {
  code: string;
  text: string;
}
export interface OutboxEntry {
  id: string;
  content: string;
  status: "sending" | "waiting" | "failed";
  failure?: Failure;
  at: string;
}
interface Run {
  id: string;
  status: string;
  text?: string;
  error?: { id: string; text: string };
}

const scene = location.hash.slice(1) || "stream";
const listeners = new Set<() => void>();
const steps = new Map<string, StepView>();
const runs = new Map<string, Run>();
let turns: readonly Turn[] = [];
let outbox: readonly OutboxEntry[] = [];
let active: { running: readonly Run[]; queued: readonly Run[] } = { running: [], queued: [] };
const emit = () => {
  active = {
    running: [...runs.values()].filter((run) => run.status === "running"),
    queued: [...runs.values()].filter((run) => run.status === "queued"),
  };
  for (const listener of listeners) listener();
};
const use = <T,>(read: () => T): T =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, read);
const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1000).toISOString();
const put = (step: Partial<StepView> & { id: string; type: string }) =>
  steps.set(step.id, {
    input: "",
    output: "",
    children: [],
    isOpen: step.end === undefined,
    isMessage: step.type.endsWith("_message"),
    createdAt: step.start ?? at(0),
    ...step,
  });
const patch = (id: string, set: Partial<StepView>) => {
  const step = steps.get(id);
  if (step) steps.set(id, { ...step, ...set });
  emit();
};
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

function past(): void {
  const user = put({
    id: "u1",
    type: "user_message",
    output: "Which regions lost the most customers last quarter, and is it price or support?",
    start: at(90),
    end: at(90),
  });
  put({
    id: "s1",
    type: "tool",
    name: "load_table",
    input: '{"file":"accounts-q3.csv"}',
    showInput: "json",
    output: "24,310 rows",
    start: at(88),
    end: at(87.6),
  });
  put({
    id: "s2",
    type: "run",
    name: "agent",
    output: "plan the analysis",
    start: at(87.6),
    end: at(83),
    children: ["s3", "s4"],
  });
  put({
    id: "s3",
    type: "tool",
    name: "run_sql",
    input: "select region, count(*) from accounts group by region",
    showInput: "sql",
    output: '[{"region":"DACH","lost":214},{"region":"Nordics","lost":131}]',
    start: at(87),
    end: at(86.1),
  });
  put({
    id: "s4",
    type: "retrieval",
    name: "search_tickets",
    output: "“cancel”, 412 hits",
    start: at(86),
    end: at(83.3),
    isError: scene === "errors",
  });
  put({ id: "m1", type: "assistant_message", output: answer, start: at(82), end: at(80) });
  void user;
  runs.set("r1", { id: "r1", status: "done" });
  turns = [{ id: "t1", user: "u1", runId: "r1", items: ["s1", "s2", "m1"] }];
}

async function stream(): Promise<void> {
  put({ id: "u2", type: "user_message", output: "And in one paragraph, with the numbers?", start: at(0), end: at(0) });
  runs.set("r2", { id: "r2", status: "running" });
  turns = [...turns, { id: "t2", user: "u2", runId: "r2", items: [] }];
  emit();
  await wait(600);
  const add = (id: string) => {
    turns = turns.map((turn) => (turn.id === "t2" ? { ...turn, items: [...turn.items, id] } : turn));
    emit();
  };
  put({ id: "s5", type: "run", name: "agent", input: "summarise", start: at(0), children: ["s6"] });
  put({ id: "s6", type: "tool", name: "run_sql", input: "compare with Q2", start: at(0) });
  add("s5");
  await wait(1600);
  patch("s6", { isOpen: false, end: at(0), output: "3 rows" });
  patch("s5", { isOpen: false, end: at(0), output: "done" });
  put({ id: "m2", type: "assistant_message", start: at(0) });
  add("m2");
  for (let length = 0; length < answer.length; length += 6) {
    patch("m2", { output: answer.slice(0, length) });
    await wait(24);
  }
  patch("m2", { output: answer, isOpen: false, end: at(0) });
  runs.set("r2", { id: "r2", status: "done" });
  emit();
}

if (scene !== "empty" && scene !== "loading") past();
if (scene === "stream") void stream();
if (scene === "errors") {
  put({ id: "u3", type: "user_message", output: "Send the notes.", start: at(60), end: at(60) });
  put({
    id: "m3",
    type: "assistant_message",
    output: "I drafted one note per owner and **kept it short. Nothing is",
    start: at(60),
  });
  runs.set("r3", { id: "r3", status: "stopped" });
  put({ id: "u4", type: "user_message", output: "Try again, please", start: at(40), end: at(40) });
  runs.set("r4", {
    id: "r4",
    status: "failed",
    error: { id: "7f3a-11", text: "The mail server did not answer. Try again in a minute." },
  });
  put({ id: "u5", type: "user_message", output: "And now?", start: at(30), end: at(30) });
  put({ id: "m5", type: "assistant_message", output: "The first note went to", start: at(29), end: at(29) });
  runs.set("r5", { id: "r5", status: "interrupted" });
  turns = [
    ...turns,
    { id: "t3", user: "u3", runId: "r3", items: ["m3"] },
    { id: "t4", user: "u4", runId: "r4", items: [] },
    { id: "t5", user: "u5", runId: "r5", items: ["m5"] },
  ];
}
if (scene === "offline" || scene === "errors") {
  outbox = [
    { id: "o1", content: "This waits until the network is back", status: "waiting", at: at(1) },
    {
      id: "o2",
      content: "And this was refused",
      status: "failed",
      failure: { code: "rate-limited", text: "Too many messages; wait 20 s." },
      at: at(1),
    },
  ];
}
if (scene === "queue") {
  runs.set("r8", { id: "r8", status: "running" });
  runs.set("r9", { id: "r9", status: "queued", text: "And compare with Q2" });
  put({
    id: "u8",
    type: "user_message",
    output: "Send the account owners a note, but show me first.",
    start: at(9),
    end: at(9),
  });
  put({ id: "s8", type: "run", name: "agent", output: "", input: "draft the notes", start: at(8), children: ["s9"] });
  put({
    id: "s9",
    type: "tool",
    name: "write_note",
    input: '{"owner":"Nordwind"}',
    showInput: "json",
    start: at(5),
    defaultOpen: true,
  });
  turns = [...turns, { id: "t8", user: "u8", runId: "r8", items: ["s8"] }];
}
emit();

interface Connection {
  status: "connecting" | "online" | "offline" | "reconnecting" | "refused" | "lost";
  failure?: Failure;
  retryInMs?: number;
}
const connections: Record<string, Connection> = {
  offline: { status: "reconnecting", retryInMs: 8000 },
  lost: { status: "lost" },
  refused: { status: "refused", failure: { code: "unauthenticated", text: "Sign in again, then reload." } },
  loading: { status: "connecting" },
};
const connection: Connection = connections[scene] ?? { status: "online" };
const hello = { thread: "thr_1", limits: { messageBytes: 1_000_000 } };
const info = { id: "thr_1", ...(scene === "empty" ? {} : { name: "Churn by region, last quarter" }) };
const saved = { seq: 1, ...(scene === "unsaved" ? { since: at(100), reason: "disk full" } : {}) };
const notices =
  scene === "notice"
    ? [
        {
          id: "n1",
          type: "reload-failed",
          text: "app.py could not be reloaded. The last working version goes on.",
          detail:
            "Traceback (most recent call last):\n  File \"app.py\", line 12, in <module>\n    import nothing_here\nModuleNotFoundError: No module named 'nothing_here'",
        },
      ]
    : [];
const toasts = scene === "notice" ? [{ id: "x1", type: "success" as const, message: "Report exported" }] : [];
const commands = {
  send: (content: string) => {
    outbox = [...outbox, { id: String(Date.now()), content, status: "sending", at: at(0) }];
    emit();
  },
  retry: (_id: string) => undefined,
  discard: (id: string) => {
    outbox = outbox.filter((entry) => entry.id !== id);
    emit();
  },
  stop: async () => undefined,
  newChat: () => undefined,
};

export function ConvoProvider({ children }: { client: unknown; children: ReactNode }): JSX.Element {
  return <>{children}</>;
}
const client = {
  command: async ({ runId }: { kind: "dequeue"; runId: string }): Promise<{ ok?: boolean; error?: Failure }> => {
    runs.delete(runId);
    emit();
    return { ok: true };
  },
};
export const useClient = () => client;
export const useConnection = () => connection;
export const useHello = () => hello;
export const useTurns = () => use(() => turns);
export const useStep = (id: string) => use(() => steps.get(id));
export const useStepFact = <T,>(id: string, read: (step: StepView | undefined) => T) => use(() => read(steps.get(id)));
export const useRun = (id: string | undefined) => use(() => runs.get(id ?? ""));
export const useRuns = () => use(() => active);
export const useThread = () => info;
export const useSaved = () => saved;
export const useOutbox = () => use(() => outbox);
export const useNotices = () => notices;
export const useToasts = () => ({ toasts, dismiss: (_id: string) => undefined });
export const useCommands = () => commands;
