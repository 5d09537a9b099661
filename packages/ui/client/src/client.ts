import { type Turn, turns } from "./branch";
import type { StepView } from "./entry";
import { browserEnvironment, type Environment, type Storage } from "./environment";
import { ThreadFold, type Topic } from "./fold";
import { Listeners } from "./listeners";
import { NoticeFold } from "./notices";
import { Outbox, type OutboxEntry } from "./outbox";
import {
  type Answer,
  type Command,
  type Connect,
  type Failure,
  type Hello,
  type Notice,
  PROTOCOL_VERSION,
  type RunInfo,
  type Saved,
  type State,
  type ThreadInfo,
} from "./protocol.gen";
import { type OpenSocket, openSocket } from "./socket";
import { Toasts, type ToastView } from "./toasts";
import { type Connection, type Frame, Transport } from "./transport";

export interface ClientOptions {
  /** The root of the server: origin and root path. */
  readonly url: string;
  /** The thread to join; without one, the tab's last after a reload, else a new one. */
  readonly thread?: string;
  readonly storage?: Storage;
  /** Runs its argument when a batch of changes should be shown; once per animation frame by default. */
  readonly scheduler?: (apply: () => void) => void;
  readonly client?: NonNullable<Connect["client"]>;
  readonly environment?: Partial<Environment>;
  readonly openSocket?: OpenSocket;
}

export type ClientTopic = Topic | "connection" | "hello" | "outbox" | "notices" | "toasts";

export interface Runs {
  readonly running: readonly RunInfo[];
  /** Messages that wait for their turn. */
  readonly queued: readonly RunInfo[];
}

/** A command without its id, which the client makes. */
export type Request = Command extends infer C ? (C extends Command ? Omit<C, "id"> : never) : never;

const KEY = "convo:tab";

/** One tab's view of one thread at a time, live. */
export class ConvoClient {
  readonly #environment: Environment;
  readonly #transport: Transport;
  readonly #outbox: Outbox;
  readonly #toasts: Toasts;
  readonly #listeners = new Listeners<ClientTopic>();
  readonly #threadListeners = new Set<(threadId: string | undefined) => void>();
  readonly #kind: NonNullable<Connect["client"]>;
  #fold: ThreadFold;
  #notices = new NoticeFold();
  #frames: Frame[] = [];
  #isScheduled = false;
  #hello: Hello | undefined;
  #session: string | undefined;
  #threadId: string | undefined;
  /** Whether the thread was asked for by the caller, not remembered by the tab. */
  #isExplicit: boolean;
  #turns: readonly Turn[] = [];
  #areTurnsStale = false;
  #runs: Runs | undefined;
  #shownOutbox: readonly OutboxEntry[] | undefined;

  constructor(options: ClientOptions) {
    const environment = { ...browserEnvironment(), ...options.environment };
    this.#environment = {
      ...environment,
      tab: options.storage ?? environment.tab,
      schedule: options.scheduler ?? environment.schedule,
    };
    this.#kind = options.client ?? "web";
    this.#fold = this.#newFold();
    this.#toasts = new Toasts(() => this.#listeners.tell("toasts"));
    // Opening the app's own address means a new chat; coming back to it means the one that was there.
    const returns = this.#environment.isReturn || options.thread !== undefined;
    const remembered = recall(returns ? this.#environment.tab.getItem(KEY) : null);
    this.#isExplicit = options.thread !== undefined;
    this.#threadId = options.thread ?? remembered.thread;
    if (remembered.thread === this.#threadId) this.#session = remembered.session;
    this.#outbox = new Outbox(this.#environment, {
      send: (command) => this.#transport.command(command),
      isOnline: () => this.#transport.isOnline,
      changed: () => this.#outboxChanged(),
    });
    this.#transport = new Transport(
      options.url,
      this.#environment,
      {
        connect: () => this.#connect(),
        connection: () => this.#connectionChanged(),
        hello: (hello) => this.#onHello(hello),
        frame: (frame) => this.#onFrame(frame),
        missing: (failure) => this.#onMissing(failure),
      },
      options.openSocket ?? openSocket,
    );
  }

  // --- Life ---

  start(): void {
    this.#transport.start();
  }

  stop(): void {
    this.#transport.stop();
  }

  // --- Reading ---

  /** Calls `listener` after every change of `topic`. Returns how to end that. */
  subscribe(topic: ClientTopic, listener: () => void): () => void {
    return this.#listeners.add(topic, listener);
  }

  get connection(): Connection {
    return this.#transport.connection;
  }

  get hello(): Hello | undefined {
    return this.#hello;
  }

  get threadId(): string | undefined {
    return this.#threadId;
  }

  get thread(): ThreadInfo | undefined {
    return this.#fold.thread;
  }

  get saved(): Saved {
    return this.#fold.saved;
  }

  get turns(): readonly Turn[] {
    if (this.#areTurnsStale) {
      this.#areTurnsStale = false;
      this.#turns = turns(this.#fold, this.#turns);
    }
    return this.#turns;
  }

  step(id: string): StepView | undefined {
    return this.#fold.step(id);
  }

  run(id: string): RunInfo | undefined {
    return this.#fold.runs.get(id);
  }

  get runs(): Runs {
    this.#runs ??= {
      running: [...this.#fold.runs.values()].filter((run) => run.status === "running"),
      queued: [...this.#fold.runs.values()].filter((run) => run.status === "queued"),
    };
    return this.#runs;
  }

  /** Messages on their way that the log does not show yet. */
  get outbox(): readonly OutboxEntry[] {
    this.#shownOutbox ??= this.#unseen();
    return this.#shownOutbox;
  }

  get notices(): readonly Notice[] {
    return this.#notices.notices;
  }

  get toasts(): readonly ToastView[] {
    return this.#toasts.toasts;
  }

  /** The whole state, for export and tests. */
  state(): State {
    return this.#fold.view();
  }

  // --- Acting ---

  send(content: string): void {
    if (content.trim() !== "") this.#outbox.add(content);
  }

  retry(id: string): void {
    this.#outbox.retry(id);
  }

  discard(id: string): void {
    this.#outbox.discard(id);
  }

  /** Sends a command once. A failure is an answer too; rejects only when no answer came. */
  command(request: Request): Promise<Answer> {
    return this.#transport.command({ ...request, id: this.#environment.newId() } as Command);
  }

  async stopRun(runId?: string): Promise<void> {
    await this.#try(runId === undefined ? { kind: "stop" } : { kind: "stop", runId });
  }

  async dequeue(runId: string): Promise<void> {
    await this.#try({ kind: "dequeue", runId });
  }

  dismissToast(id: string): void {
    this.#toasts.dismiss(id);
  }

  /** Leave the thread and begin another. Where the thread was lost, its unsent messages come along, not sent. */
  newChat(): void {
    if (this.#transport.isOnline) void this.command({ kind: "leave" }).catch(() => {});
    const { status, failure } = this.connection;
    if (failure !== undefined && (status === "lost" || status === "refused")) {
      this.#outbox.lose(this.#threadId, failure);
    } else {
      this.#outbox.leave();
    }
    this.#open(undefined);
  }

  openThread(id: string): void {
    if (id === this.#threadId && this.connection.status !== "refused" && this.connection.status !== "lost") return;
    this.#outbox.leave();
    this.#open(id);
  }

  /** Calls `listener` with the thread's id whenever another thread is open, for the address bar. */
  onThread(listener: (threadId: string | undefined) => void): () => void {
    this.#threadListeners.add(listener);
    return () => {
      this.#threadListeners.delete(listener);
    };
  }

  // --- Within ---

  #open(threadId: string | undefined): void {
    this.#isExplicit = threadId !== undefined;
    this.#session = undefined;
    this.#hello = undefined;
    this.#frames = [];
    const before = this.#fold;
    this.#fold = this.#newFold();
    this.#notices = new NoticeFold();
    this.#setThread(threadId);
    this.#foldChanged(new Set([...ALL_TOPICS, ...topicsOf(before)]));
    this.#listeners.tell("hello");
    this.#listeners.tell("notices");
    this.#outboxChanged();
    this.#transport.restart();
  }

  /** The process that ran them is gone: what was going is over, in this tab's copy too. */
  #interrupt(): void {
    const at = this.#environment.now().toISOString();
    const fold = this.#fold;
    for (const [id, { step }] of [...fold.steps]) {
      if (step.end === undefined) fold.apply({ kind: "step-closed", id, end: at });
    }
    for (const id of [...fold.runs.keys()]) fold.apply({ kind: "run-ended", id, at, status: "interrupted" });
    this.#foldChanged(fold.takeTouched());
  }

  #newFold(): ThreadFold {
    return new ThreadFold(undefined, (text) => this.#environment.warn(text));
  }

  #connect(): Omit<Connect, "log" | "after"> {
    const { language } = this.#environment;
    return {
      protocol: PROTOCOL_VERSION,
      client: this.#kind,
      ...(this.#threadId !== undefined && { thread: this.#threadId }),
      ...(this.#session !== undefined && { session: this.#session }),
      ...(language !== undefined && { language }),
    };
  }

  #connectionChanged(): void {
    this.#listeners.tell("connection");
    if (this.connection.status === "online" && this.#hello !== undefined) this.#outbox.hello(this.#hello);
  }

  #onHello(hello: Hello): void {
    this.#hello = hello;
    this.#session = hello.session;
    this.#setThread(hello.thread);
    this.#listeners.tell("hello");
  }

  #setThread(threadId: string | undefined): void {
    const isNew = this.#threadId !== threadId;
    this.#threadId = threadId;
    const { tab } = this.#environment;
    if (threadId === undefined) tab.removeItem(KEY);
    else tab.setItem(KEY, JSON.stringify({ thread: threadId, session: this.#session }));
    if (isNew) for (const listener of [...this.#threadListeners]) listener(threadId);
  }

  #onMissing(failure: Failure): "retry" | "lost" | "refused" {
    if (this.#fold.steps.size > 0) {
      this.#environment.tab.removeItem(KEY);
      this.#interrupt();
      return "lost";
    }
    const wasOpen = this.#hello !== undefined;
    if (this.#threadId === undefined || (this.#isExplicit && !wasOpen)) return "refused";
    if (wasOpen) this.#outbox.carry(this.#threadId);
    else this.#outbox.lose(this.#threadId, failure);
    this.#session = undefined;
    this.#setThread(undefined);
    return "retry";
  }

  #onFrame(frame: Frame): void {
    this.#frames.push(frame);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#environment.schedule(() => this.#applyFrames());
  }

  #applyFrames(): void {
    this.#isScheduled = false;
    const frames = this.#frames;
    this.#frames = [];
    for (const frame of frames) {
      const { log, to } = this.#apply(frame);
      this.#transport.received(log, to);
    }
    this.#foldChanged(this.#fold.takeTouched());
  }

  #apply(frame: Frame): { log: string; to: number } {
    if ("snapshot" in frame) {
      const { snapshot } = frame;
      if (snapshot.scope === "principal") {
        this.#notices.restore(snapshot);
        this.#listeners.tell("notices");
      } else {
        this.#fold.restore({ ...snapshot, state: snapshot.state as State });
      }
      return snapshot;
    }
    const { batch } = frame;
    if (batch.scope === "principal") {
      this.#notices.apply(batch);
      this.#listeners.tell("notices");
      return batch;
    }
    for (const event of batch.events) {
      this.#fold.apply(event);
      if (event.kind === "toast" && (event.to === undefined || event.to === this.#hello?.connection)) {
        this.#toasts.show(event);
      }
    }
    return batch;
  }

  #foldChanged(touched: ReadonlySet<Topic>): void {
    if (touched.has("structure") || touched.has("runs")) {
      this.#areTurnsStale = true;
      this.#runs = undefined;
    }
    if (touched.has("saved")) this.#outbox.saved(this.#fold.saved.seq ?? 0);
    if (touched.has("structure")) this.#outboxChanged();
    for (const topic of touched) this.#listeners.tell(topic);
  }

  #outboxChanged(): void {
    this.#shownOutbox = undefined;
    this.#listeners.tell("outbox");
  }

  #unseen(): readonly OutboxEntry[] {
    const { entries } = this.#outbox;
    if (entries.length === 0) return NOTHING;
    const seen = new Set<string>();
    for (const { facts } of this.#fold.steps.values()) if (facts.commandId !== undefined) seen.add(facts.commandId);
    for (const { commandId } of this.#fold.runs.values()) if (commandId !== undefined) seen.add(commandId);
    return entries.filter((entry) => !seen.has(entry.id));
  }

  /** For commands whose failure a person should see, unless what he wanted has come about anyway. */
  async #try(request: Request): Promise<void> {
    let failure: Failure | undefined;
    try {
      failure = (await this.command(request)).error;
    } catch {
      failure = { code: "unavailable", text: "The server did not answer. Try again when the connection is back." };
    }
    if (failure === undefined || failure.code === "conflict" || failure.code === "not-found") return;
    this.#toasts.show({ message: failure.text, type: "error" });
  }
}

export function createClient(options: ClientOptions): ConvoClient {
  return new ConvoClient(options);
}

const NOTHING: readonly OutboxEntry[] = [];
const ALL_TOPICS: readonly Topic[] = [
  "structure",
  "runs",
  "thread",
  "saved",
  "elements",
  "actions",
  "asks",
  "calls",
  "fields",
];

function topicsOf(fold: ThreadFold): Topic[] {
  const steps = [...fold.steps.keys()].map((id): Topic => `step:${id}`);
  return steps.concat([...fold.runs.keys()].map((id): Topic => `run:${id}`));
}

function recall(text: string | null): { thread?: string; session?: string } {
  try {
    const { thread, session } = JSON.parse(text ?? "{}") as Record<string, unknown>;
    return {
      ...(typeof thread === "string" && { thread }),
      ...(typeof session === "string" && { session }),
    };
  } catch {
    return {};
  }
}
