import type { ConvoClient } from "./client";
import { type Download, RequestError, UNREACHABLE } from "./http";
import type { Failure, FavouriteList, FindingList, Removal, ThreadInfo, ThreadList } from "./protocol.gen";

/** A person's threads as far as they are loaded. A new object for every change. */
export interface HistoryView {
  readonly status: "loading" | "ready" | "failed";
  readonly failure?: Failure;
  /** The pinned ones and the others, each the latest first. */
  readonly pinned: readonly ThreadInfo[];
  readonly threads: readonly ThreadInfo[];
  readonly more: "none" | "idle" | "loading" | "failed";
}

export interface ThreadChanges {
  readonly name?: string;
  readonly pinned?: boolean;
}

const PAGE = 50;
const MOST = 100;

/**
 * The threads of whoever uses a client: read by pages, kept live by what his log says, and changed at once here while
 * the server is being told.
 */
export class History {
  readonly #client: ConvoClient;
  readonly #listeners = new Set<() => void>();
  #known = new Map<string, ThreadInfo>();
  /** Not there any more, whatever a page says that was read before. */
  #gone = new Set<string>();
  /** What was changed here, and is not confirmed. */
  #changes = new Map<string, ThreadChanges>();
  #cursor: string | undefined;
  #status: HistoryView["status"] = "loading";
  #failure: Failure | undefined;
  #more: HistoryView["more"] = "none";
  #view: HistoryView | undefined;
  #load: Promise<void> | undefined;
  #isStale = false;
  #stop: (() => void) | undefined;

  constructor(client: ConvoClient) {
    this.#client = client;
  }

  /** Loads the first page and follows what happens. Returns how to end that. */
  start(): () => void {
    this.#stop ??= this.#client.onListing((event) => {
      if (event === undefined) {
        void this.reload(); // the connection was lost: nobody knows what happened meanwhile
        return;
      }
      if (event.kind === "thread-unlisted") {
        this.#gone.add(event.id);
        this.#known.delete(event.id);
      } else {
        this.#gone.delete(event.thread.id);
        this.#known.set(event.thread.id, event.thread);
      }
      this.#changed();
    });
    void this.reload();
    return () => {
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  get view(): HistoryView {
    if (this.#view === undefined) {
      const shown = [...this.#known.values()].filter(({ id }) => !this.#gone.has(id)).map((one) => this.#shown(one));
      shown.sort(latestFirst);
      this.#view = {
        status: this.#status,
        pinned: shown.filter(({ pinned }) => pinned),
        threads: shown.filter(({ pinned }) => !pinned),
        more: this.#more,
        ...(this.#failure && { failure: this.#failure }),
      };
    }
    return this.#view;
  }

  /** Reads again what is loaded, at least the first page. One reading at a time; what is asked meanwhile comes after. */
  reload(): Promise<void> {
    if (this.#load !== undefined) {
      this.#isStale = true;
      return this.#load;
    }
    this.#load = this.#read().finally(() => {
      this.#load = undefined;
      if (this.#isStale) void this.reload();
    });
    return this.#load;
  }

  async #read(): Promise<void> {
    this.#isStale = false;
    const before = new Map(this.#known);
    if (this.#status === "failed") {
      this.#status = "loading";
      this.#changed();
    }
    try {
      const wanted = Math.max(PAGE, this.view.threads.length);
      const pinned = await this.#page(true, MOST);
      let page = await this.#page(false, Math.min(MOST, wanted));
      const found = [...page.threads];
      while (page.cursor !== undefined && found.length < wanted) {
        page = await this.#page(false, MOST, page.cursor);
        found.push(...page.threads);
      }
      found.push(...pinned.threads);
      // What an event told meanwhile is newer than what was read.
      const told = [...this.#known].filter(([id, thread]) => before.get(id) !== thread);
      this.#known = new Map([...found.map((thread): [string, ThreadInfo] => [thread.id, thread]), ...told]);
      this.#turned(page.cursor);
      this.#status = "ready";
      this.#failure = undefined;
    } catch (error) {
      this.#failure = failureOf(error);
      if (this.#status !== "ready") this.#status = "failed";
    }
    this.#changed();
  }

  /** Loads the next page: after what is being read again, if something is. */
  async loadMore(): Promise<void> {
    if (this.#cursor === undefined || this.#more === "loading") return;
    if (this.#load !== undefined) return this.#load.then(() => this.loadMore());
    this.#more = "loading";
    this.#changed();
    const cursor = this.#cursor;
    try {
      const page = await this.#page(false, PAGE, cursor);
      if (this.#cursor !== cursor) return;
      for (const thread of page.threads) if (!this.#known.has(thread.id)) this.#known.set(thread.id, thread);
      this.#turned(page.cursor);
    } catch {
      this.#more = "failed";
    }
    this.#changed();
  }

  /** Renames or pins a thread. It shows at once, and is taken back when the server refuses: `RequestError`. */
  async change(id: string, changes: ThreadChanges): Promise<void> {
    this.#changes.set(id, { ...this.#changes.get(id), ...changes });
    this.#changed();
    try {
      const { name, pinned = false } = await this.#client.api<ThreadInfo>("PATCH", place(id), { body: changes });
      const known = this.#known.get(id);
      if (known) this.#known.set(id, { ...known, pinned, ...(name !== undefined && { name }) });
    } finally {
      this.#changes.delete(id);
      this.#changed();
    }
  }

  /** Deletes a thread; `restore` undoes it for some seconds. Rejects with `RequestError`. */
  async remove(id: string): Promise<Removal> {
    const known = this.#known.get(id);
    this.#gone.add(id);
    this.#changed();
    try {
      return await this.#client.api<Removal>("DELETE", place(id));
    } catch (error) {
      this.#gone.delete(id);
      if (known) this.#known.set(id, known);
      this.#changed();
      throw error;
    }
  }

  /** Undoes `remove`. Rejects with `RequestError`: `expired` or `not-found` when it is too late. */
  async restore(id: string): Promise<void> {
    const thread = await this.#client.api<ThreadInfo>("POST", `${place(id)}/restore`);
    this.#gone.delete(id);
    this.#known.set(id, thread);
    this.#changed();
  }

  #page(pinned: boolean, first: number, cursor?: string): Promise<ThreadList> {
    const query = new URLSearchParams({
      pinned: String(pinned),
      first: String(first),
      ...(cursor !== undefined && { cursor }),
    });
    return this.#client.api<ThreadList>("GET", `threads?${query}`);
  }

  #turned(cursor: string | undefined): void {
    this.#cursor = cursor;
    this.#more = cursor === undefined ? "none" : "idle";
  }

  #shown(thread: ThreadInfo): ThreadInfo {
    const changes = this.#changes.get(thread.id);
    return changes === undefined ? thread : { ...thread, ...changes };
  }

  #changed(): void {
    this.#view = undefined;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Threads that match, the best first. Rejects with `RequestError`, or `AbortError` by the signal. */
export function searchThreads(
  client: ConvoClient,
  text: string,
  options: { readonly cursor?: string; readonly signal?: AbortSignal } = {},
): Promise<FindingList> {
  const query = new URLSearchParams({ q: text, ...(options.cursor !== undefined && { cursor: options.cursor }) });
  return client.api<FindingList>("GET", `threads/search?${query}`, { signal: options.signal });
}

/** What a person marked to say again, in all threads, the latest first. Rejects with `RequestError`, or `AbortError`. */
export function listFavourites(
  client: ConvoClient,
  options: { readonly cursor?: string | undefined; readonly signal?: AbortSignal } = {},
): Promise<FavouriteList> {
  const query = new URLSearchParams({ ...(options.cursor !== undefined && { cursor: options.cursor }) });
  return client.api<FavouriteList>("GET", `favourites?${query}`, { signal: options.signal });
}

export type ExportFormat = "markdown" | "html" | "json";

/** A thread as a file to keep. Rejects with `RequestError`. */
export function exportThread(client: ConvoClient, id: string, format: ExportFormat): Promise<Download> {
  return client.download(`${place(id)}/export?format=${format}`);
}

function place(id: string): string {
  return `threads/${encodeURIComponent(id)}`;
}

function latestFirst(one: ThreadInfo, other: ThreadInfo): number {
  const [first = "", second = ""] = [one.changedAt, other.changedAt];
  if (first !== second) return first < second ? 1 : -1;
  return one.id < other.id ? 1 : -1;
}

function failureOf(error: unknown): Failure {
  return error instanceof RequestError ? error.failure : UNREACHABLE;
}
