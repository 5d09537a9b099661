import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createClient } from "./client";
import { FakeEnvironment, FakeServer, settle } from "./fake";
import { exportThread, History, searchThreads } from "./history";
import type { Event, ThreadInfo, ThreadList } from "./protocol.gen";

/** The far end of the API, played by the test: what it has, and how it answers. */
class Api {
  threads: ThreadInfo[] = [];
  queries: string[] = [];
  status = 200;
  held: (() => void)[] | undefined;

  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const { pathname, searchParams } = new URL(url);
    const path = pathname.replace("/root/api/v1/", "");
    this.queries.push(searchParams.toString());
    const answer = this.#answer(String(init.method), path, searchParams, JSON.parse(String(init.body ?? "{}")));
    if (this.held) await new Promise<void>((resolve) => this.held?.push(resolve));
    if (this.status !== 200) {
      return new Response(JSON.stringify({ code: "unavailable", text: "Away." }), { status: this.status });
    }
    return new Response(JSON.stringify(answer));
  };

  #answer(method: string, path: string, query: URLSearchParams, body: Partial<ThreadInfo>): unknown {
    if (method === "PATCH") return { ...this.#thread(path.slice("threads/".length)), ...body };
    if (method === "DELETE") return { id: path.slice("threads/".length), until: "2026-11-26T12:00:10.000Z" };
    if (method === "POST") return this.#thread(path.split("/")[1] ?? "");
    if (path !== "threads") return {};
    const all = this.threads.filter(({ pinned = false }) => String(pinned) === query.get("pinned"));
    const start = Number(query.get("cursor") ?? 0);
    const end = start + Number(query.get("first"));
    return { threads: all.slice(start, end), ...(end < all.length && { cursor: String(end) }) } satisfies ThreadList;
  }

  #thread(id: string): ThreadInfo | undefined {
    return this.threads.find((thread) => thread.id === id);
  }

  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const resolve of held) resolve();
  }
}

let api: Api;

beforeEach(() => {
  api = new Api();
  vi.stubGlobal("fetch", api.fetch);
});
afterEach(() => vi.unstubAllGlobals());

function thread(number: number, more: Partial<ThreadInfo> = {}): ThreadInfo {
  return { id: `t${number}`, name: `Thread ${number}`, changedAt: `2026-11-${10 + number}T12:00:00.000Z`, ...more };
}

async function open() {
  const environment = new FakeEnvironment();
  const server = new FakeServer();
  const client = createClient({ url: "http://chat.test/root", environment, openSocket: server.open });
  client.start();
  server.accept();
  const history = new History(client);
  history.start();
  await wait();
  let seq = 0;
  const tell = (...events: Event[]) => {
    server.handlers.batch({ log: "P", from: seq + 1, to: seq + events.length, scope: "principal", events });
    seq += events.length;
    environment.drawFrame();
  };
  const connect = () => {
    server.handlers.snapshot({ log: "P", to: seq, scope: "principal", state: {} });
    environment.drawFrame();
  };
  connect();
  await wait();
  return { client, history, tell, connect };
}

/** Until what is being fetched is there. */
async function wait(): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    await settle();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function names(threads: readonly ThreadInfo[]): (string | undefined)[] {
  return threads.map(({ name }) => name);
}

test("threads come by pages, the pinned ones apart and the latest first", async () => {
  api.threads = [thread(9, { pinned: true }), ...Array.from({ length: 60 }, (_, at) => old(60 - at))];
  const { history } = await open();
  expect(names(history.view.pinned)).toEqual(["Thread 9"]);
  expect(history.view).toMatchObject({ status: "ready", more: "idle" });
  expect(history.view.threads).toHaveLength(50);
  expect(history.view.threads[0]?.id).toBe("o60");
  await history.loadMore();
  expect(history.view.threads).toHaveLength(60);
  expect(history.view.more).toBe("none");
});

test("a page that is wanted while the list is read again comes after it", async () => {
  api.threads = Array.from({ length: 60 }, (_, at) => old(60 - at));
  const { history } = await open();
  api.held = [];
  void history.reload();
  const more = history.loadMore();
  await wait();
  expect(history.view.threads).toHaveLength(50);
  api.release();
  await more;
  expect(history.view.threads).toHaveLength(60);
});

function old(minute: number): ThreadInfo {
  return {
    id: `o${minute}`,
    name: `Old ${minute}`,
    changedAt: `2026-10-01T12:${String(minute - 1).padStart(2, "0")}:00.000Z`,
  };
}

test("what another tab does shows at once", async () => {
  api.threads = [thread(2), thread(1)];
  const { history, tell } = await open();
  tell({ kind: "thread-listed", thread: thread(1, { name: "Renamed", changedAt: "2026-11-25T12:00:00.000Z" }) });
  expect(names(history.view.threads)).toEqual(["Renamed", "Thread 2"]);
  tell({ kind: "thread-unlisted", id: "t2" });
  expect(names(history.view.threads)).toEqual(["Renamed"]);
  tell({ kind: "thread-listed", thread: thread(3, { running: true }) });
  expect(history.view.threads.map(({ running }) => running === true)).toEqual([false, true]);
});

test("a page that was read before an event does not undo it", async () => {
  api.threads = [thread(2), thread(1)];
  const { history, tell } = await open();
  api.held = [];
  void history.reload();
  await wait();
  tell({ kind: "thread-unlisted", id: "t2" });
  tell({ kind: "thread-listed", thread: thread(1, { name: "Renamed" }) });
  api.release();
  await wait();
  expect(names(history.view.threads)).toEqual(["Renamed"]);
});

test("after a lost connection the list is read again", async () => {
  api.threads = [thread(2), thread(1)];
  const { history, connect } = await open();
  api.threads = [thread(3), thread(1)];
  connect();
  await wait();
  expect(names(history.view.threads)).toEqual(["Thread 3", "Thread 1"]);
});

test("a list that cannot be read says so, and what is shown already stays", async () => {
  api.status = 503;
  const { history } = await open();
  expect(history.view).toMatchObject({ status: "failed", failure: { code: "unavailable", text: "Away." } });
  api.status = 200;
  api.threads = [thread(1)];
  await history.reload();
  expect(history.view).toMatchObject({ status: "ready" });
  api.status = 503;
  await history.reload();
  expect(history.view.status).toBe("ready");
  expect(names(history.view.threads)).toEqual(["Thread 1"]);
});

test("a change shows before it is confirmed, and is taken back when it is refused", async () => {
  api.threads = [thread(2), thread(1)];
  const { history } = await open();
  const change = history.change("t1", { name: "Mine", pinned: true });
  expect(names(history.view.pinned)).toEqual(["Mine"]);
  await change;
  expect(names(history.view.pinned)).toEqual(["Mine"]);
  api.status = 503;
  await expect(history.change("t1", { name: "Other" })).rejects.toThrow("Away.");
  expect(names(history.view.pinned)).toEqual(["Mine"]);
});

test("a thread is deleted at once, comes back when that is undone, and when it is refused", async () => {
  api.threads = [thread(2), thread(1)];
  const { history, tell } = await open();
  const removal = history.remove("t1");
  expect(names(history.view.threads)).toEqual(["Thread 2"]);
  expect((await removal).id).toBe("t1");
  tell({ kind: "thread-unlisted", id: "t1", removal: await removal });
  await history.restore("t1");
  expect(names(history.view.threads)).toEqual(["Thread 2", "Thread 1"]);
  api.status = 503;
  await expect(history.remove("t2")).rejects.toThrow("Away.");
  expect(names(history.view.threads)).toEqual(["Thread 2", "Thread 1"]);
});

test("any text can be searched for", async () => {
  const { client } = await open();
  await searchThreads(client, "a & b?");
  expect(api.queries.at(-1)).toBe("q=a+%26+b%3F");
});

test("an exported chat has the name that the server gave it, and half of one is none", async () => {
  const { client } = await open();
  const headers = { "Content-Disposition": "attachment; filename=\"Gr__e.md\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.md" };
  vi.stubGlobal("fetch", async () => new Response("# Hi", { headers }));
  const { name, content } = await exportThread(client, "t1", "markdown");
  expect([name, await content.text()]).toEqual(["Grüße.md", "# Hi"]);
  const cut = new ReadableStream({ start: (stream) => stream.error(new TypeError("network error")) });
  vi.stubGlobal("fetch", async () => new Response(cut, { headers }));
  await expect(exportThread(client, "t1", "markdown")).rejects.toMatchObject({ failure: { code: "unavailable" } });
});
