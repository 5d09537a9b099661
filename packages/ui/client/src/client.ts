import { branch, type Turn, tipOf, turns } from "./branch";
import { Contents } from "./contents";
import type { StepView } from "./entry";
import { browserEnvironment, type Environment, type Storage } from "./environment";
import { type FieldName, GLOBAL_TOPICS, ThreadFold, type Topic } from "./fold";
import { type ApiOptions, type Download, Http, RequestError, UNREACHABLE, type UploadOptions } from "./http";
import { Listeners } from "./listeners";
import { Older, type OlderView, PAGE_TURNS } from "./older";
import { type MessageExtras, Outbox, type OutboxEntry } from "./outbox";
import { PrincipalFold } from "./principal";
import {
  type Action,
  type Answer,
  type AppInfo,
  type Ask,
  type Call,
  type Command,
  type Connect,
  type Element,
  type Event,
  type Failure,
  type FileInfo,
  type Hello,
  type Notice,
  PROTOCOL_VERSION,
  type Removal,
  type RunInfo,
  type Saved,
  type State,
  type StateFields,
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
  /** What is shared under this id is read, and nothing else: no thread, no history, nothing to say. */
  readonly share?: string;
  readonly storage?: Storage;
  /** Runs its argument when a batch of changes should be shown; once per animation frame by default. */
  readonly scheduler?: (apply: () => void) => void;
  readonly client?: NonNullable<Connect["client"]>;
  readonly environment?: Partial<Environment>;
  readonly openSocket?: OpenSocket;
  readonly profile?: string;
  readonly userEnv?: Readonly<Record<string, string>>;
  readonly language?: string;
  /** Says who uses the client where cookies do not reach; asked for each connection and request. */
  readonly token?: () => string | undefined;
  /** What a failure says; the server's own text by default. */
  readonly say?: (failure: Failure) => string;
}

export type ClientTopic =
  | Topic
  | "steps"
  | "connection"
  | "hello"
  | "older"
  | "outbox"
  | "notices"
  | "removals"
  | "toasts"
  | "info"
  | "contents";

/** Events that pass by and are kept nowhere. */
export type PassingEvent = Extract<Event, { kind: "window-message" | "audio-chunk" | "audio-interrupted" }>;

/** What changed in the history of whoever uses the client. */
export type ListingEvent = Extract<Event, { kind: "thread-listed" | "thread-unlisted" }>;

export interface Runs {
  readonly running: readonly RunInfo[];
  /** Messages that wait for their turn. */
  readonly queued: readonly RunInfo[];
}

/** A command without its id, which the client makes. */
export type Request = Command extends infer C ? (C extends Command ? Omit<C, "id"> : never) : never;

const KEY = "convo:tab";
/** What an app offers to who only reads. */
const READ_ONLY: Partial<AppInfo> = {
  starters: [],
  categories: [],
  audio: false,
  feedback: false,
  edit: false,
  favourites: false,
  sharing: false,
};
/** In place of what the app was asked of itself: there was no answer. */
const FAILED = "";

/** One tab's view of one thread at a time, live. */
export class ConvoClient {
  readonly #environment: Environment;
  readonly #transport: Transport;
  readonly #outbox: Outbox;
  readonly #older: Older;
  readonly #toasts: Toasts;
  readonly #listeners = new Listeners<ClientTopic>();
  readonly #threadListeners = new Set<(threadId: string | undefined) => void>();
  readonly #listingListeners = new Set<(event: ListingEvent | undefined) => void>();
  /** What is shared and read here, if nothing else is. */
  readonly share: string | undefined;
  readonly #kind: NonNullable<Connect["client"]>;
  #fold: ThreadFold;
  #principal = new PrincipalFold();
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
  #work: ReadonlyMap<string, number> | undefined;
  #asks: readonly Ask[] | undefined;
  #calls: readonly Call[] | undefined;
  #info: AppInfo | undefined;
  #infoOf: string | undefined;
  #infoProfile: string | undefined;
  /** Different each time the app says other things of itself. */
  #appRevision: string | undefined;
  #profile: string | undefined;
  #userEnv: Readonly<Record<string, string>>;
  #clockOffset = 0;
  readonly #http: Http;
  readonly #token: (() => string | undefined) | undefined;
  readonly #contents: Contents | undefined;
  readonly #say: (failure: Failure) => string;
  readonly #passing = new Map<PassingEvent["kind"], Set<(event: never) => void>>();

  constructor(options: ClientOptions) {
    const environment = { ...browserEnvironment(), ...options.environment };
    this.#environment = {
      ...environment,
      language: options.language ?? environment.language,
      tab: options.storage ?? environment.tab,
      schedule: options.scheduler ?? environment.schedule,
    };
    this.share = options.share;
    this.#kind = options.client ?? "web";
    this.#http = new Http(options.url, options.token);
    this.#token = options.token;
    if (options.token !== undefined) this.#contents = new Contents(this.#http, () => this.#listeners.tell("contents"));
    this.#say = options.say ?? (({ text }) => text);
    this.#profile = options.profile;
    this.#userEnv = options.userEnv ?? {};
    this.#fold = this.#newFold();
    this.#toasts = new Toasts(() => this.#listeners.tell("toasts"));
    // Opening the app's own address means a new chat; coming back to it means the one that was there.
    const returns = this.#environment.isReturn || options.thread !== undefined;
    const remembered = recall(returns && !options.share ? this.#environment.tab.getItem(KEY) : null);
    this.#isExplicit = options.thread !== undefined;
    this.#threadId = options.share ?? options.thread ?? remembered.thread;
    if (remembered.thread === this.#threadId) this.#session = remembered.session;
    this.#outbox = new Outbox(this.#environment, {
      send: (command) => this.#transport.command(command),
      isOnline: () => this.#transport.isOnline,
      changed: () => this.#outboxChanged(),
    });
    this.#older = new Older({
      fold: () => this.#fold,
      page: (request) => this.command(request),
      changed: () => this.#listeners.tell("older"),
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
        closed: () => this.#onClosed(),
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
    this.#contents?.forget();
  }

  /** Connects again, as when somebody else uses the client now; one that is not started, when it is. */
  reconnect(): void {
    this.#transport.restart();
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

  /** What stands before the first of the turns that are loaded. */
  get older(): OlderView {
    return this.#older.view;
  }

  step(id: string): StepView | undefined {
    return this.#fold.step(id);
  }

  run(id: string): RunInfo | undefined {
    return this.#fold.runs.get(id);
  }

  /** What a run did and said, in the order it began. Topic `steps`, which is told of any change of any step. */
  stepsOf(runId: string): readonly StepView[] {
    const entries = [...this.#fold.steps.values()].filter(({ facts }) => facts.runId === runId);
    return entries.filter(({ facts }) => facts.type !== "user_message").map((entry) => entry.view);
  }

  /** How many steps each run has that is loaded, messages left out; the oldest run first. Topic `structure`. */
  get work(): ReadonlyMap<string, number> {
    this.#work ??= workOf(this.#fold);
    return this.#work;
  }

  get runs(): Runs {
    this.#runs ??= {
      running: [...this.#fold.runs.values()].filter(isWorking),
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
    return this.#principal.notices;
  }

  /** Threads that were deleted, and can still be restored. */
  get removals(): readonly Removal[] {
    return this.#principal.removals;
  }

  /**
   * Why the session ended, if it did: `deleted` for a thread that is gone, `taken-over` for one that another server
   * process goes on with, until `openThread` takes it back. Topic `thread`.
   */
  get ended(): string | undefined {
    return this.#fold.ended;
  }

  get toasts(): readonly ToastView[] {
    return this.#toasts.toasts;
  }

  // --- What hangs on a step ---

  /** What is shown with a message or step; with none, for `""`: task lists, and what the panel holds. */
  elementsOf(stepId: string): readonly Element[] {
    return this.#fold.elements.of(stepId);
  }

  element(id: string): Element | undefined {
    return this.#fold.elements.get(id);
  }

  actionsOf(stepId: string): readonly Action[] {
    return this.#fold.actions.of(stepId);
  }

  /** What a message asks, pending or closed. */
  askOf(stepId: string): Ask | undefined {
    return this.#fold.asks.of(stepId).at(-1);
  }

  /** What is asked and not answered, the oldest first. */
  get asks(): readonly Ask[] {
    this.#asks ??= [...this.#fold.asks.values()].filter((ask) => ask.outcome === undefined);
    return this.#asks;
  }

  /** Functions that the page is asked to run. */
  get calls(): readonly Call[] {
    this.#calls ??= [...this.#fold.calls.values()].filter((call) => call.outcome === undefined);
    return this.#calls;
  }

  field<N extends FieldName>(name: N): StateFields[N] {
    return this.#fold.fields[name];
  }

  // --- The app ---

  /** What the app says of itself; known soon after the first connection. Topic `info`. */
  get info(): AppInfo | undefined {
    return this.#info;
  }

  /** Ask the app again what it says of itself. */
  async refreshInfo(): Promise<void> {
    const profile = this.#ownProfile;
    const of = `${profile ?? ""}|${this.#environment.language ?? ""}`;
    this.#infoOf = of;
    this.#infoProfile = profile;
    try {
      const info = await this.#http.info(profile, this.#environment.language);
      if (this.#infoOf !== of) return;
      this.#info = this.share === undefined ? info : { ...info, ...READ_ONLY };
      this.#listeners.tell("info");
    } catch {
      if (this.#infoOf === of) this.#infoOf = FAILED; // the next connection asks again
    }
  }

  /** The thread's, before it has one the one that was asked for. */
  get #ownProfile(): string | undefined {
    return this.#fold.fields.profile ?? this.#profile;
  }

  /** Asks the API by plain HTTP, below `api/v1/`. Rejects with `RequestError`, or `AbortError` by the signal. */
  api<T>(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, options?: ApiOptions): Promise<T> {
    return this.#http.api<T>(method, path, options);
  }

  /** Reads a file that the API writes. Rejects with `RequestError`, or `AbortError` by the signal. */
  download(path: string, signal?: AbortSignal): Promise<Download> {
    return this.#http.download(path, signal);
  }

  /** Calls `listener` with what changes in the history; with nothing when changes may have been missed. */
  onListing(listener: (event: ListingEvent | undefined) => void): () => void {
    this.#listingListeners.add(listener);
    return () => {
      this.#listingListeners.delete(listener);
    };
  }

  /** The server's clock in milliseconds, for countdowns. */
  now(): number {
    return this.#environment.now().getTime() + this.#clockOffset;
  }

  // --- Files ---

  /**
   * Where an element's content is read; `undefined` where it has none. Without cookies it is loaded first, and there is
   * none until it has come: topic `contents`.
   */
  fileUrl(element: Pick<Element, "url">): string | undefined {
    if (element.url === undefined) return undefined;
    const address = this.#http.address(element.url);
    return this.#contents === undefined ? address : this.#contents.address(address);
  }

  /** The whole address of a page of the app's, as of a share: for links, where `fileUrl` is for contents. */
  pageUrl(page: { readonly url: string }): string {
    return this.#http.address(page.url);
  }

  /** Sends a file for a message to come or to answer an ask. Rejects with `RequestError`. */
  async upload(file: File, options?: UploadOptions): Promise<FileInfo> {
    if (this.#threadId === undefined) throw new RequestError(UNREACHABLE);
    return this.#http.upload(this.#threadId, file, options);
  }

  /** Takes back a file that was not sent. */
  async discardFile(file: Pick<FileInfo, "url">): Promise<void> {
    await this.#http.discard(file.url);
  }

  /** What the user said in this thread and likes to say again, the latest first. */
  favourites(): readonly StepView[] {
    const entries = [...this.#fold.steps.values()].filter(({ facts }) => facts.favourite === true);
    return entries.reverse().map((entry) => entry.view);
  }

  /** Messages that hold `text`, the latest first, at most `limit`; and whether the shown branch has them. */
  find(text: string, limit: number): readonly { readonly step: StepView; readonly isShown: boolean }[] {
    const wanted = text.toLowerCase();
    const shown = new Set(branch(this.#fold));
    const found: { step: StepView; isShown: boolean }[] = [];
    for (const entry of [...this.#fold.steps.values()].reverse()) {
      if (found.length === limit) break;
      if (!entry.isMessage || !(entry.step.output ?? "").toLowerCase().includes(wanted)) continue;
      found.push({ step: entry.view, isShown: shown.has(entry.facts.id) });
    }
    return found;
  }

  /** The state as far as it is loaded. */
  state(): State {
    return this.#fold.view();
  }

  // --- Acting ---

  send(content: string, extras: MessageExtras = {}): void {
    if (content.trim() !== "" || (extras.files?.length ?? 0) > 0) this.#outbox.add(content, extras);
  }

  retry(id: string): void {
    this.#outbox.retry(id);
  }

  discard(id: string): void {
    this.#outbox.discard(id);
  }

  /** Sends a command once. A failure is an answer too; rejects only when no answer came. */
  command(request: Request, id: string = this.newId()): Promise<Answer> {
    return this.#transport.command({ ...request, id } as Command);
  }

  /** An id for a command that may have to be sent again: however often, it takes effect once. */
  newId(): string {
    return this.#environment.newId();
  }

  /** Sends a command once. Rejects with `RequestError` when it was refused, or when no answer came. */
  async request(request: Request, id?: string): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await this.command(request, id);
    } catch {
      throw new RequestError(UNREACHABLE);
    }
    if (answer.error !== undefined) throw new RequestError(answer.error);
    return answer;
  }

  /** Shows a person what failed. */
  showFailure(error: unknown): void {
    const failure = error instanceof RequestError ? error.failure : UNREACHABLE;
    this.#toasts.show({ message: this.#say(failure), type: "error" });
  }

  showToast(message: string, type: ToastView["type"] = "info"): void {
    this.#toasts.show({ message, type });
  }

  /** Calls `listener` with each event of `kind` that is meant for this tab. Returns how to end that. */
  onPassing<K extends PassingEvent["kind"]>(
    kind: K,
    listener: (event: Extract<PassingEvent, { kind: K }>) => void,
  ): () => void {
    const listeners = this.#passing.get(kind) ?? new Set();
    this.#passing.set(kind, listeners.add(listener));
    return () => {
      listeners.delete(listener);
    };
  }

  /** Loads older turns of a long thread: a page, or all up to a step. Resolves when they are there; see `older`. */
  loadOlder(upTo?: string): Promise<void> {
    return this.#older.load(upTo);
  }

  /** Loads all older turns. Resolves when they are there, or have failed; see `older`. */
  loadAllOlder(): Promise<void> {
    return this.#older.loadAll();
  }

  async stopRun(runId?: string): Promise<void> {
    await this.#try(runId === undefined ? { kind: "stop" } : { kind: "stop", runId });
  }

  async dequeue(runId: string): Promise<void> {
    await this.#try({ kind: "dequeue", runId });
  }

  /** Turns to the branch of a message, for every tab of the thread. Rejects with `RequestError`. */
  async showBranch(messageId: string): Promise<void> {
    await this.request({ kind: "show-branch", leafId: tipOf(this.#fold, messageId) });
  }

  /** Turns to the answer of `messageId` that has not begun. Rejects with `RequestError`. */
  async showPending(messageId: string): Promise<void> {
    await this.request({ kind: "show-branch", leafId: messageId });
  }

  dismissToast(id: string): void {
    this.#toasts.dismiss(id);
  }

  get profile(): string | undefined {
    return this.#profile;
  }

  /** What a user gives the app, as keys of APIs; sent from the next connection on. */
  setUserEnv(userEnv: Readonly<Record<string, string>>): void {
    this.#userEnv = userEnv;
    if (this.#hello !== undefined || this.connection.status === "refused") this.#transport.restart();
  }

  /**
   * Leave the thread and begin another, with the same profile or with another one. Where the thread was lost, its
   * unsent messages come along, not sent.
   */
  newChat(options: { readonly profile?: string } = {}): void {
    const { profile } = this.#fold.fields;
    const isOffered = this.#info?.profiles?.some(({ name }) => name === profile);
    if ("profile" in options) this.#profile = options.profile;
    else if (isOffered && profile != null) this.#profile = profile;
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
    this.#principal = new PrincipalFold();
    this.#older.reset();
    this.#setThread(threadId);
    this.#foldChanged(new Set([...GLOBAL_TOPICS, ...topicsOf(before)]));
    this.#listeners.tell("hello");
    this.#listeners.tell("notices");
    this.#listeners.tell("removals");
    this.#outboxChanged();
    this.#transport.restart();
  }

  /** What was shared is no longer: nothing of it stays in sight. */
  #forget(): void {
    const before = this.#fold;
    this.#fold = this.#newFold();
    this.#frames = [];
    this.#older.reset();
    this.#foldChanged(new Set([...GLOBAL_TOPICS, ...topicsOf(before)]));
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

  #connect(): Omit<Connect, "log" | "after" | "place"> {
    const { language } = this.#environment;
    const token = this.#token?.();
    if (this.share !== undefined) {
      const { share } = this;
      return { protocol: PROTOCOL_VERSION, client: this.#kind, turns: this.#wantedTurns, share };
    }
    return {
      protocol: PROTOCOL_VERSION,
      client: this.#kind,
      turns: this.#wantedTurns,
      ...(this.#threadId !== undefined && { thread: this.#threadId }),
      ...(this.#session !== undefined && { session: this.#session }),
      ...(token !== undefined && { token }),
      ...(language !== undefined && { language }),
      ...(this.#profile !== undefined && { profile: this.#profile }),
      ...(Object.keys(this.#userEnv).length > 0 && { userEnv: { ...this.#userEnv } }),
    };
  }

  /** As many as there are, so that another log brings what this one had. */
  get #wantedTurns(): number {
    return Math.max(PAGE_TURNS, this.turns.length);
  }

  #connectionChanged(): void {
    if (this.share !== undefined && this.connection.status === "refused") this.#forget();
    this.#listeners.tell("connection");
    if (this.connection.status !== "online" || this.#hello === undefined) return;
    this.#outbox.hello(this.#hello);
    this.#older.hello();
  }

  #onHello(hello: Hello): void {
    this.#hello = hello;
    this.#session = hello.session;
    this.#setThread(hello.thread);
    if (hello.time !== undefined) this.#clockOffset = Date.parse(hello.time) - this.#environment.now().getTime();
    this.#listeners.tell("hello");
    if (this.#infoOf === FAILED) this.#infoOf = undefined;
    if (this.#infoOf === undefined && this.#fold.thread !== undefined) void this.refreshInfo(); // else with its state
  }

  #setThread(threadId: string | undefined): void {
    const isNew = this.#threadId !== threadId;
    this.#threadId = threadId;
    const { tab } = this.#environment;
    if (this.share !== undefined) return;
    if (threadId === undefined) tab.removeItem(KEY);
    else tab.setItem(KEY, JSON.stringify({ thread: threadId, session: this.#session }));
    if (isNew) for (const listener of [...this.#threadListeners]) listener(threadId);
  }

  #onMissing(failure: Failure): "retry" | "lost" | "refused" {
    if (this.share !== undefined) return "refused";
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

  /** Two processes that both went on with a thread would take it from each other for ever: the one left asks first. */
  #onClosed(): "retry" | "lost" {
    this.#applyFrames();
    return this.#fold.ended === "taken-over" ? "lost" : "retry";
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
    if (this.#fold.thread !== undefined && (this.#infoOf === undefined || this.#infoProfile !== this.#ownProfile)) {
      void this.refreshInfo();
    }
    this.#foldChanged(this.#fold.takeTouched());
    this.#older.arrived();
  }

  #apply(frame: Frame): { log: string; to: number } {
    if ("snapshot" in frame) {
      const { snapshot } = frame;
      if (snapshot.scope === "principal") {
        this.#principal.restore(snapshot);
        this.#principalChanged();
        this.#list(undefined);
      } else {
        this.#fold.restore({ ...snapshot, state: snapshot.state as State });
      }
      return snapshot;
    }
    const { batch } = frame;
    if (batch.scope === "principal") {
      this.#principal.apply(batch);
      this.#principalChanged();
      for (const event of batch.events) {
        if (event.kind === "thread-listed" || event.kind === "thread-unlisted") this.#list(event);
      }
      return batch;
    }
    for (const event of batch.events) {
      this.#fold.apply(event);
      if ("to" in event && event.to !== undefined && event.to !== this.#hello?.connection) continue;
      if (event.kind === "toast") this.#toasts.show(event);
      else this.#pass(event);
    }
    return batch;
  }

  #principalChanged(): void {
    const revision = this.notices.find(({ type }) => type === "app-changed")?.detail;
    if (revision !== this.#appRevision) {
      this.#appRevision = revision;
      if (this.#infoOf !== undefined) void this.refreshInfo();
    }
    this.#listeners.tell("notices");
    this.#listeners.tell("removals");
  }

  #list(event: ListingEvent | undefined): void {
    for (const listener of [...this.#listingListeners]) listener(event);
  }

  #pass(event: Event): void {
    const listeners = this.#passing.get(event.kind as PassingEvent["kind"]);
    for (const listener of [...(listeners ?? [])]) listener(event as never);
  }

  #foldChanged(touched: ReadonlySet<Topic>): void {
    if (touched.has("structure") || touched.has("runs")) {
      this.#areTurnsStale = true;
      this.#runs = undefined;
    }
    if (touched.has("structure")) this.#work = undefined;
    if (touched.has("asks")) this.#asks = undefined;
    if (touched.has("calls")) this.#calls = undefined;
    if (touched.has("saved")) this.#outbox.saved(this.#fold.saved.seq ?? 0);
    if (touched.has("structure")) this.#outboxChanged();
    if (touched.has("window")) this.#listeners.tell("older");
    const { leaf, steps } = this.#fold;
    if (touched.has("structure") && this.#older.view.status === "idle" && leaf !== undefined && !steps.has(leaf)) {
      void this.#older.load(leaf); // somebody turned to a branch that is not loaded
    }
    for (const topic of touched) this.#listeners.tell(topic);
    if (this.#listeners.has("steps") && isAboutSteps(touched)) this.#listeners.tell("steps");
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
      failure = UNREACHABLE;
    }
    if (failure === undefined || failure.code === "conflict" || failure.code === "not-found") return;
    this.#toasts.show({ message: this.#say(failure), type: "error" });
  }
}

export function createClient(options: ClientOptions): ConvoClient {
  return new ConvoClient(options);
}

/** Work that somebody waits for; finding a title goes on beside it. */
function isWorking(run: RunInfo): boolean {
  return run.status === "running" && run.callback !== "thread_title";
}

function workOf(fold: ThreadFold): ReadonlyMap<string, number> {
  const work = new Map<string, number>();
  for (const { facts, isMessage } of fold.steps.values()) {
    if (facts.runId !== undefined && !isMessage) work.set(facts.runId, (work.get(facts.runId) ?? 0) + 1);
  }
  return work;
}

function isAboutSteps(touched: ReadonlySet<Topic>): boolean {
  for (const topic of touched) if (topic.startsWith("step:")) return true;
  return false;
}

const NOTHING: readonly OutboxEntry[] = [];
function topicsOf(fold: ThreadFold): Topic[] {
  const steps = [...fold.steps.keys()].map((id): Topic => `step:${id}`);
  const runs = [...fold.runs.keys()].map((id): Topic => `run:${id}`);
  const elements = [...fold.elements.keys()].map((id): Topic => `element:${id}`);
  const owners = [
    ...[...fold.elements.owners].map((id): Topic => `elements:${id}`),
    ...[...fold.actions.owners].map((id): Topic => `actions:${id}`),
    ...[...fold.asks.owners].map((id): Topic => `ask:${id}`),
  ];
  return [...steps, ...runs, ...elements, ...owners];
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
