import { expect, test } from "vitest";
import { createClient } from "./client";
import { FakeEnvironment, FakeServer, settle } from "./fake";
import type { Batch, Event, Failure, Snapshot } from "./protocol.gen";

function open(options: { thread?: string; environment?: FakeEnvironment } = {}) {
  const environment = options.environment ?? new FakeEnvironment();
  const server = new FakeServer();
  const client = createClient({
    url: "http://chat.test/root",
    environment,
    openSocket: server.open,
    ...(options.thread !== undefined && { thread: options.thread }),
  });
  client.start();
  return { client, server, environment };
}

/** Connected, with the first snapshot taken. */
async function online(hello: { durable?: boolean } = {}) {
  const chat = open();
  chat.server.accept(hello);
  chat.server.handlers.snapshot(snapshot(0));
  chat.environment.drawFrame();
  await settle();
  return chat;
}

function snapshot(to: number, more: Partial<Snapshot> = {}): Snapshot {
  return { log: "L", to, state: { thread: { id: "t1" } }, ...more };
}

function batch(from: number, to: number, ...events: Event[]): Batch {
  return { log: "L", from, to, events };
}

const OPENED: Event = { kind: "step-opened", step: { id: "m1", type: "assistant_message" } };
function delta(text: string): Event {
  return { kind: "step-delta", id: "m1", text };
}
function failure(code: Failure["code"], more: Partial<Failure> = {}): Failure {
  return { code, text: `It is ${code}.`, ...more };
}

test("the first connection asks for nothing, and the tab remembers what it got", async () => {
  const { server, environment } = await online();
  expect(server.connects).toEqual([{ protocol: 1, client: "web", turns: 40, language: "en" }]);
  const again = open({ environment });
  expect(again.server.connects[0]).toMatchObject({ thread: "t1", session: "s1" });
});

test("opening the address anew in a used tab begins a new chat", async () => {
  const { environment } = await online();
  environment.isReturn = false;
  const again = open({ environment });
  expect(again.server.connects[0]).toEqual({ protocol: 1, client: "web", turns: 40, language: "en" });
});

test("a thread that is asked for is joined without another thread's session", async () => {
  const { environment } = await online();
  const { server } = open({ environment, thread: "t2" });
  expect(server.connects[0]).toEqual({ protocol: 1, client: "web", turns: 40, language: "en", thread: "t2" });
});

test("batches are applied once per frame, and a delta tells the listeners of its step alone", async () => {
  const { client, server, environment } = await online();
  server.handlers.batch(batch(1, 2, OPENED, { kind: "leaf-moved", id: "m1" }));
  environment.drawFrame();
  const told: string[] = [];
  client.subscribe("step:m1", () => told.push("step"));
  client.subscribe("structure", () => told.push("structure"));
  server.handlers.batch(batch(3, 3, delta("a")));
  server.handlers.batch(batch(4, 5, delta("bc")));
  expect(environment.frames).toBe(1);
  expect(told).toEqual([]);
  environment.drawFrame();
  expect(told).toEqual(["step"]);
  expect(client.step("m1")?.output).toBe("abc");
});

test("a batch seen before is dropped, and a gap is asked for again from the position", async () => {
  const { client, server, environment } = await online();
  server.handlers.batch(batch(1, 2, OPENED, delta("a")));
  server.handlers.batch(batch(1, 2, OPENED, delta("a")));
  server.handlers.batch(batch(4, 4, delta("c")));
  environment.drawFrame();
  expect(client.step("m1")?.output).toBe("a");
  expect(server.isOpen).toBe(false);
  await environment.pass(5000);
  expect(server.connects.at(-1)).toMatchObject({ session: "s1", thread: "t1", log: "L", after: 2 });
  server.accept();
  server.handlers.batch(batch(3, 4, delta("bc")));
  environment.drawFrame();
  expect(client.step("m1")?.output).toBe("abc");
});

test("however the connection breaks, nothing is lost and nothing doubled", async () => {
  const { client, server, environment } = await online();
  const text = "The quick brown fox jumps over the lazy dog.";
  server.handlers.batch(batch(1, 1, OPENED));
  for (let seq = 2; seq < text.length + 2; seq += 1) {
    server.handlers.batch(batch(seq, seq, delta(text.charAt(seq - 2))));
    if (seq % 3 === 0) environment.drawFrame();
    if (seq % 5 !== 0) continue;
    server.drop();
    await environment.pass(6000);
    const after = server.connects.at(-1)?.after ?? 0;
    expect(after).toBe(seq);
    server.accept();
    server.handlers.batch(batch(after - 1, after, delta("?")));
  }
  environment.drawFrame();
  expect(client.step("m1")?.output).toBe(text);
});

test("another log's snapshot replaces everything", async () => {
  const { client, server, environment } = await online();
  server.handlers.batch(batch(1, 2, OPENED, delta("a")));
  server.handlers.snapshot(snapshot(1, { log: "M" }));
  environment.drawFrame();
  expect(client.step("m1")).toBeUndefined();
});

const LONG: Partial<Snapshot> = {
  state: { thread: { id: "t1" }, steps: [{ id: "u9", type: "user_message", priorId: "a8" }], leaf: "u9" },
  window: { before: "u9", more: true, place: 17 },
};
const PAGE: Snapshot = snapshot(5, {
  since: 5,
  state: { thread: { id: "t1" }, steps: [{ id: "a8", type: "assistant_message" }], leaf: "u9" },
  window: { before: "a8" },
});

/** A long thread, with its last page. */
async function long() {
  const chat = await online();
  chat.server.answer = ({ id }) => ({ id, ok: true, seq: 5, data: { more: false, place: 0 } });
  chat.server.handlers.snapshot(snapshot(5, { ...LONG }));
  chat.environment.drawFrame();
  return chat;
}

test("older turns are asked for once and come among the other frames", async () => {
  const { client, server, environment } = await long();
  expect(client.older).toEqual({ more: true, status: "idle" });
  const loaded = client.loadOlder();
  void client.loadOlder();
  await settle();
  expect(server.commands).toMatchObject([{ kind: "page", before: "u9", turns: 40 }]);
  expect(client.older).toEqual({ more: true, status: "loading" });
  server.handlers.snapshot(PAGE);
  environment.drawFrame();
  await loaded;
  expect(client.older).toEqual({ more: false, status: "idle" });
  expect(client.turns.flatMap(({ items, user }) => [...items, user])).toEqual(["a8", undefined, "u9"]);
});

test("all older turns are loaded, by large pages", async () => {
  const { client, server, environment } = await long();
  const half: Snapshot = { ...PAGE, window: { before: "a8", more: true, place: 3 } };
  const first: Snapshot = snapshot(5, {
    since: 5,
    state: { thread: { id: "t1" }, steps: [{ id: "u1", type: "user_message" }], leaf: "u9" },
    window: { before: "u1" },
  });
  const pages = [half, first];
  server.answer = ({ id }) => {
    const page = pages.shift() ?? first;
    setTimeout(() => {
      server.handlers.snapshot(page);
      environment.drawFrame();
    });
    return { id, ok: true, seq: 5, data: { more: page === half, place: page.window?.place ?? 0 } };
  };
  await client.loadAllOlder();
  expect(server.commands).toMatchObject([
    { before: "u9", turns: 1000 },
    { before: "a8", turns: 1000 },
  ]);
  expect(client.older).toEqual({ more: false, status: "idle" });
});

test("a page that was refused can be asked for again", async () => {
  const { client, server, environment } = await long();
  const { answer } = server;
  server.answer = ({ id }) => ({ id, error: failure("rate-limited") });
  await client.loadOlder();
  expect(client.older).toEqual({ more: true, status: "failed", failure: failure("rate-limited") });
  server.answer = answer;
  const again = client.loadOlder();
  await settle();
  server.handlers.snapshot(PAGE);
  environment.drawFrame();
  await again;
  expect(client.older.status).toBe("idle");
});

test("a connection that breaks before the page comes asks for it again, with its place", async () => {
  const { client, server, environment } = await long();
  const loaded = client.loadOlder();
  await settle();
  server.drop();
  await environment.pass(6000);
  expect(server.connects.at(-1)).toMatchObject({ log: "L", after: 5, place: 17, turns: 40 });
  server.accept();
  await settle();
  expect(server.commands).toHaveLength(2);
  server.handlers.snapshot(PAGE);
  environment.drawFrame();
  await loaded;
  server.drop();
  await environment.pass(6000);
  expect(server.connects.at(-1)).toMatchObject({ place: 0 });
});

test("a branch that is not loaded is loaded when somebody turns to it", async () => {
  const { client, server, environment } = await long();
  server.handlers.batch(batch(6, 7, { kind: "step-delta", id: "a1", text: "?" }, { kind: "leaf-moved", id: "a1" }));
  environment.drawFrame();
  await settle();
  expect(server.commands).toMatchObject([{ kind: "page", to: "a1" }]);
  const steps = [{ id: "a1", type: "assistant_message" as const, output: "Yes" }];
  const page = { since: 7, state: { thread: { id: "t1" }, steps, leaf: "a1" }, window: { before: "a1" } };
  server.handlers.snapshot(snapshot(7, page));
  environment.drawFrame();
  expect(client.turns).toEqual([{ id: "a1", items: ["a1"] }]);
  expect(client.step("a1")?.output).toBe("Yes");
});

test("what was taken in is said after the eighth batch or a second", async () => {
  const { server, environment } = await online();
  await environment.pass(1000);
  expect(server.received).toEqual([{ log: "L", to: 0 }]);
  server.handlers.batch(batch(1, 1, OPENED));
  for (let seq = 2; seq <= 9; seq += 1) server.handlers.batch(batch(seq, seq, delta("x")));
  environment.drawFrame();
  expect(server.received.at(-1)).toEqual({ log: "L", to: 8 });
  await environment.pass(1000);
  expect(server.received.at(-1)).toEqual({ log: "L", to: 9 });
});

test("it tries again for ever, with growing pauses, and at once when somebody looks", async () => {
  const { client, server, environment } = await online();
  server.drop();
  expect(client.connection).toEqual({ status: "reconnecting", retryInMs: 300 });
  const pauses: (number | undefined)[] = [];
  for (let round = 0; round < 6; round += 1) {
    await environment.pass(client.connection.retryInMs ?? 0);
    server.handlers.failed(undefined);
    pauses.push(client.connection.retryInMs);
  }
  expect(pauses).toEqual([600, 1200, 2400, 4800, 5000, 5000]);
  const tries = server.connects.length;
  environment.wake();
  expect(server.connects.length).toBe(tries + 1);
  server.accept();
  expect(client.connection).toEqual({ status: "online" });
});

test("without a network it waits for one", async () => {
  const { client, server, environment } = await online();
  environment.online = false;
  environment.change();
  expect(client.connection.status).toBe("offline");
  environment.online = true;
  environment.wake();
  server.accept();
  expect(client.connection.status).toBe("online");
});

test("a visitor without a cookie gets one by loading the page, once", async () => {
  const { client, server, environment } = open();
  server.handlers.failed(failure("unauthenticated"));
  await settle();
  expect(environment.fetched).toEqual(["http://chat.test/root/"]);
  expect(server.connects).toHaveLength(2);
  server.handlers.failed(failure("unauthenticated"));
  await settle();
  expect(environment.fetched).toHaveLength(1);
  expect(client.connection).toEqual({ status: "refused", failure: failure("unauthenticated") });
});

test("a client that is stopped connects again with its start, once", async () => {
  const { client, server } = open();
  server.handlers.failed(failure("unauthenticated"));
  await settle();
  server.handlers.failed(failure("unauthenticated"));
  client.stop();
  const before = server.connects.length;
  client.reconnect();
  expect(client.connection).toEqual({ status: "connecting" });
  expect(server.connects).toHaveLength(before);
  client.start();
  expect(server.connects).toHaveLength(before + 1);
  server.accept();
  expect(client.connection.status).toBe("online");
});

test("a thread that a restart took is lost, readable, and its unsent messages stay", async () => {
  const { client, server, environment } = await online();
  server.handlers.batch(batch(1, 2, OPENED, delta("kept")));
  environment.drawFrame();
  server.drop();
  client.send("unsent");
  await environment.pass(300);
  server.handlers.failed(failure("not-found"));
  expect(client.connection).toEqual({ status: "lost", failure: failure("not-found") });
  expect(client.step("m1")?.output).toBe("kept");
  expect(client.step("m1")?.isOpen).toBe(false);
  expect(client.outbox).toMatchObject([{ content: "unsent", status: "waiting" }]);
  client.newChat();
  expect(server.connects.at(-1)).toEqual({ protocol: 1, client: "web", turns: 40, language: "en" });
  server.accept({ session: "s2", thread: "t2" });
  await settle();
  expect(server.commands).toEqual([]);
  const [entry] = client.outbox;
  expect(entry).toMatchObject({ content: "unsent", status: "failed" });
  client.retry(entry?.id ?? "");
  await settle();
  expect(server.commands).toMatchObject([{ kind: "message", content: "unsent" }]);
});

test("a thread that another process took over stands still, until it is opened here again", async () => {
  const { client, server, environment } = await online();
  server.handlers.batch(batch(1, 2, OPENED, delta("kept")));
  environment.drawFrame();
  server.answer = ({ id }) => ({ id, ok: true, seq: 3 });
  client.send("unsaved");
  await settle();
  server.handlers.batch(batch(3, 3, { kind: "session-ended", reason: "taken-over" }));
  const tries = server.connects.length;
  server.drop();
  expect(client.connection).toEqual({ status: "lost" });
  expect(client.ended).toBe("taken-over");
  await environment.pass(60_000);
  environment.wake();
  expect(server.connects).toHaveLength(tries);
  expect(client.step("m1")?.output).toBe("kept");
  client.openThread(client.threadId ?? "");
  server.accept({ session: "s2" });
  await settle();
  expect(client.connection.status).toBe("online");
  expect(server.commands.at(-1)).toMatchObject({ kind: "message", content: "unsaved" });
});

test("an empty chat that a restart took gives way to a new one, and what was typed meanwhile goes there", async () => {
  const { client, server, environment } = await online();
  server.drop();
  client.send("typed");
  await environment.pass(300);
  server.handlers.failed(failure("not-found"));
  server.accept({ session: "s2", thread: "t2" });
  await settle();
  expect(client.threadId).toBe("t2");
  expect(server.commands).toMatchObject([{ kind: "message", content: "typed" }]);
});

test("a remembered thread that is gone gives way to a new one; one that was asked for does not", async () => {
  const { environment } = await online();
  const remembered = open({ environment });
  remembered.server.handlers.failed(failure("not-found"));
  expect(remembered.server.connects.at(-1)).toEqual({ protocol: 1, client: "web", turns: 40, language: "en" });
  const asked = open({ thread: "t9" });
  asked.server.handlers.failed(failure("not-found"));
  expect(asked.client.connection.status).toBe("refused");
});

test("a message is sent again under the same id until it is answered", async () => {
  const { client, server, environment } = await online();
  server.answer = () => undefined;
  client.send("hello");
  await settle();
  server.drop();
  await environment.pass(300);
  server.answer = ({ id }) => ({ id, ok: true, seq: 3 });
  server.accept();
  await environment.pass(1000);
  expect(server.commands).toHaveLength(2);
  expect(new Set(server.commands.map(({ id }) => id)).size).toBe(1);
  expect(client.outbox).toEqual([]);
});

test("where threads are stored, a message is kept until it is, and sent again to the next session", async () => {
  const { client, server, environment } = await online({ durable: true });
  client.send("hello");
  await settle();
  expect(client.outbox).toHaveLength(1);
  server.drop();
  await environment.pass(300);
  server.accept({ session: "s2", durable: true });
  await settle();
  expect(server.commands).toHaveLength(2);
  server.handlers.snapshot(snapshot(0, { log: "M" }));
  server.handlers.batch({ log: "M", from: 1, to: 1, events: [{ kind: "save-progressed", seq: 1 }] });
  environment.drawFrame();
  expect(client.outbox).toEqual([]);
  expect(environment.tab.getItem("convo:outbox")).toBeNull();
});

test("a message that the log shows is not shown as on its way", async () => {
  const { client, server, environment } = await online({ durable: true });
  client.send("hello");
  await settle();
  const commandId = client.outbox[0]?.id ?? "";
  server.handlers.batch(batch(1, 1, { kind: "run-queued", id: "r1", callback: "on_message", at: "T", commandId }));
  environment.drawFrame();
  expect(client.outbox).toEqual([]);
});

test("messages go one after the other, and wait when the server says so", async () => {
  const { client, server, environment } = await online();
  server.answer = ({ id }) => ({ id, error: failure("rate-limited", { retryAfter: 2 }) });
  client.send("one");
  client.send("two");
  await settle();
  expect(client.outbox).toMatchObject([
    { status: "waiting", failure: { code: "rate-limited" } },
    { status: "waiting" },
  ]);
  server.answer = ({ id }) => ({ id, ok: true, seq: 1 });
  await environment.pass(2000);
  expect(server.commands).toMatchObject([{ content: "one" }, { content: "one" }, { content: "two" }]);
  expect(client.outbox).toEqual([]);
});

test("a refused message keeps its text, lets the next one pass, and can be sent again or thrown away", async () => {
  const { client, server } = await online();
  server.answer = (command) =>
    "content" in command && command.content === "bad"
      ? { id: command.id, error: failure("too-large") }
      : { id: command.id, ok: true, seq: 1 };
  client.send("bad");
  client.send("good");
  await settle();
  expect(client.outbox).toMatchObject([{ content: "bad", status: "failed", failure: { code: "too-large" } }]);
  client.discard(client.outbox[0]?.id ?? "");
  expect(client.outbox).toEqual([]);
});

test("a reload sends what was not answered", async () => {
  const environment = new FakeEnvironment();
  const before = open({ environment });
  before.client.send("hello");
  before.client.stop();
  const { server } = open({ environment });
  server.accept();
  await settle();
  expect(server.commands).toMatchObject([{ kind: "message", content: "hello" }]);
});

test("notices come from the principal's own log", async () => {
  const { client, server, environment } = await online();
  const notice = { id: "n1", type: "reload-failed", text: "Syntax error" } as const;
  server.handlers.snapshot({ log: "P", to: 0, state: {}, scope: "principal" } as Snapshot);
  server.handlers.batch({ log: "P", from: 1, to: 1, scope: "principal", events: [{ kind: "notice-posted", notice }] });
  environment.drawFrame();
  expect(client.notices).toEqual([notice]);
  server.handlers.batch({
    log: "P",
    from: 2,
    to: 2,
    scope: "principal",
    events: [{ kind: "notice-cleared", id: "n1" }],
  });
  environment.drawFrame();
  expect(client.notices).toEqual([]);
});

test("a toast for another connection is not shown; a failed stop is one", async () => {
  const { client, server, environment } = await online();
  server.handlers.batch(
    batch(1, 2, { kind: "toast", message: "mine", to: "c1" }, { kind: "toast", message: "other", to: "c2" }),
  );
  environment.drawFrame();
  server.answer = ({ id }) => ({ id, error: failure("internal") });
  await client.stopRun();
  expect(client.toasts.map(({ message }) => message)).toEqual(["mine", "It is internal."]);
});

test("what is shared is asked for by its id alone, is read only, and is gone from sight when it is revoked", async () => {
  const environment = new FakeEnvironment();
  const server = new FakeServer();
  const client = createClient({ url: "http://chat.test/root", environment, openSocket: server.open, share: "s-1" });
  client.start();
  expect(server.connects).toEqual([{ protocol: 1, client: "web", turns: 40, share: "s-1" }]);
  server.accept({ thread: "s-1", session: "", role: "viewer" });
  server.handlers.snapshot(
    snapshot(1, { state: { thread: { id: "s-1" }, steps: [{ id: "m1", type: "assistant_message" }], leaf: "m1" } }),
  );
  environment.drawFrame();
  expect(client.turns).toHaveLength(1);
  expect(environment.tab.getItem("convo:tab")).toBeNull();
  server.drop();
  await environment.pass(10_000);
  expect(server.connects.at(-1)).toMatchObject({ share: "s-1", log: "L", after: 1 });
  server.handlers.failed(failure("expired"));
  expect(client.connection).toMatchObject({ status: "refused", failure: { code: "expired" } });
  expect(client.turns).toEqual([]);
  expect(client.thread).toBeUndefined();
});
