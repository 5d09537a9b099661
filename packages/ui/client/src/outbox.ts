import type { Environment } from "./environment";
import type { Answer, Failure, FileInfo, Hello, SendMessage } from "./protocol.gen";

/** What a message may have besides its text. */
export interface MessageExtras {
  readonly files?: readonly FileInfo[];
  readonly command?: string;
  readonly modes?: Readonly<Record<string, string>>;
}

/** A message on its way. It leaves when the server has it for good. */
export interface OutboxEntry extends MessageExtras {
  /** The command's id, made here: however often it is sent, it takes effect once. */
  readonly id: string;
  readonly content: string;
  readonly status: "sending" | "waiting" | "failed";
  readonly failure?: Failure;
  readonly at: string;
}

interface Kept extends OutboxEntry {
  readonly thread?: string;
  /** The session that answered `ok`, and the seq of its effect. */
  readonly session?: string;
  readonly seq?: number;
}

export interface OutboxPort {
  /** Rejects when no answer came. */
  send(command: SendMessage): Promise<Answer>;
  isOnline(): boolean;
  changed(): void;
}

const KEY = "convo:outbox";
const RETRY_MS = 1_000;
const MAX_WAIT_S = 60;

/** Keeps every message until it is stored, and sends again, one after the other, what was not answered. */
export class Outbox {
  #entries: readonly Kept[];
  #thread: string | undefined;
  #session: string | undefined;
  #isDurable = false;
  #savedSeq = 0;
  #isSending = false;
  #cancelRetry: (() => void) | undefined;
  readonly #environment: Environment;
  readonly #port: OutboxPort;

  constructor(environment: Environment, port: OutboxPort) {
    this.#environment = environment;
    this.#port = port;
    this.#entries = load(environment.tab.getItem(KEY));
  }

  /** What belongs to the thread that is open, the oldest first. */
  get entries(): readonly OutboxEntry[] {
    return this.#entries.filter((entry) => entry.thread === undefined || entry.thread === this.#thread);
  }

  add(content: string, extras: MessageExtras = {}): string {
    const id = this.#environment.newId();
    const at = this.#environment.now().toISOString();
    const thread = this.#thread === undefined ? {} : { thread: this.#thread };
    this.#keep([...this.#entries, { ...extras, id, content, at, status: "waiting", ...thread }]);
    void this.#flush();
    return id;
  }

  /** Send a failed message again, to the thread that is open now. */
  retry(id: string): void {
    this.#change(id, ({ failure: _, thread: __, session: ___, seq: ____, ...entry }) => ({
      ...entry,
      status: "waiting",
      ...(this.#thread !== undefined && { thread: this.#thread }),
    }));
    void this.#flush();
  }

  discard(id: string): void {
    this.#keep(this.#entries.filter((entry) => entry.id !== id));
  }

  /** A connection stands: what the session before it had not stored is sent again. */
  hello(hello: Hello): void {
    if (this.#session !== hello.session) this.#savedSeq = 0;
    this.#thread = hello.thread;
    this.#session = hello.session;
    this.#isDurable = hello.durable ?? false;
    this.#keep(
      this.#entries.map((entry) => {
        if (entry.status === "failed" || (entry.thread !== undefined && entry.thread !== hello.thread)) return entry;
        if (entry.session === hello.session) return entry;
        const { session: _, seq: __, failure: ___, ...unsent } = entry;
        return { ...unsent, status: "waiting", thread: hello.thread };
      }),
    );
    void this.#flush();
  }

  /** Everything up to `seq` of the session's log is stored. */
  saved(seq: number): void {
    this.#savedSeq = seq;
    const isStored = (entry: Kept): boolean =>
      entry.session === this.#session && entry.seq !== undefined && entry.seq <= seq;
    if (this.#entries.some(isStored)) this.#keep(this.#entries.filter((entry) => !isStored(entry)));
  }

  /** The thread is left, to be opened again some time: what is unsent waits for that. */
  leave(): void {
    this.#thread = undefined;
    this.#session = undefined;
  }

  /** The thread is gone. What it did not take stays for the person to send elsewhere, and is never sent unasked. */
  lose(thread: string | undefined, failure: Failure): void {
    this.#release(thread, (entry) => ({ ...entry, status: "failed", failure }));
  }

  /** The thread is gone before anything was said in it: what is unsent goes to the next one. */
  carry(thread: string | undefined): void {
    this.#release(thread, (entry) => entry);
  }

  #release(thread: string | undefined, change: (entry: Kept) => Kept): void {
    this.leave();
    this.#keep(
      this.#entries.map((entry) => {
        if (entry.thread !== thread) return entry;
        const { thread: _, session: __, seq: ___, ...released } = entry;
        return change(released);
      }),
    );
  }

  async #flush(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.#next(); next !== undefined && this.#port.isOnline(); next = this.#next()) {
        if (!(await this.#send(next))) break;
      }
    } finally {
      this.#isSending = false;
    }
  }

  #next(): Kept | undefined {
    if (this.#session === undefined) return undefined;
    return this.#entries.find(
      (entry) => entry.status !== "failed" && entry.session === undefined && entry.thread === this.#thread,
    );
  }

  /** Whether the next one may follow at once. */
  async #send({ id, content, files, command, modes }: Kept): Promise<boolean> {
    const session = this.#session;
    this.#change(id, (entry) => ({ ...entry, status: "sending" }));
    let answer: Answer;
    try {
      answer = await this.#port.send({
        kind: "message",
        id,
        content,
        ...(files && files.length > 0 && { files: files.map((file) => file.id) }),
        ...(command !== undefined && { command }),
        ...(modes && { modes: { ...modes } }),
      });
    } catch {
      this.#change(id, (entry) => ({ ...entry, status: "waiting" }));
      this.#again(RETRY_MS);
      return false;
    }
    const failure: Failure | undefined =
      answer.error ?? (answer.ok ? undefined : { code: "internal", text: "The server gave no reason." });
    if (failure === undefined) {
      this.#answered(id, session, answer.seq ?? 0);
      return true;
    }
    if (failure.retryAfter !== undefined && (failure.code === "rate-limited" || failure.code === "unavailable")) {
      this.#change(id, (entry) => ({ ...entry, status: "waiting", failure }));
      this.#again(Math.min(failure.retryAfter, MAX_WAIT_S) * 1000);
      return false;
    }
    this.#change(id, (entry) => ({ ...entry, status: "failed", failure }));
    return true;
  }

  #answered(id: string, session: string | undefined, seq: number): void {
    const isStored = session === this.#session && seq <= this.#savedSeq;
    if (!this.#isDurable || isStored || session === undefined) this.discard(id);
    else this.#change(id, ({ failure: _, ...entry }) => ({ ...entry, status: "sending", session, seq }));
  }

  #again(ms: number): void {
    this.#cancelRetry?.();
    this.#cancelRetry = this.#environment.setTimer(() => void this.#flush(), ms);
  }

  #change(id: string, change: (entry: Kept) => Kept): void {
    this.#keep(this.#entries.map((entry) => (entry.id === id ? change(entry) : entry)));
  }

  #keep(entries: readonly Kept[]): void {
    this.#entries = entries;
    if (entries.length === 0) this.#environment.tab.removeItem(KEY);
    else this.#environment.tab.setItem(KEY, JSON.stringify(entries));
    this.#port.changed();
  }
}

function load(text: string | null): readonly Kept[] {
  if (text === null) return [];
  try {
    const entries: unknown = JSON.parse(text);
    if (!Array.isArray(entries)) return [];
    return entries
      .filter(isKept)
      .map((entry) => (entry.status === "sending" ? { ...entry, status: "waiting" } : entry));
  } catch {
    return [];
  }
}

function isKept(entry: unknown): entry is Kept {
  if (typeof entry !== "object" || entry === null) return false;
  const { id, content, at, status } = entry as Partial<Kept>;
  return [id, content, at, status].every((fact) => typeof fact === "string");
}
