import { merge, StepEntry, type StepView } from "./entry";
import { Hanging } from "./hanging";
import type {
  Action,
  Ask,
  Call,
  Delivery,
  Element,
  Event,
  RunInfo,
  Saved,
  Snapshot,
  State,
  StateFields,
  StepFields,
  ThreadInfo,
  Window,
} from "./protocol.gen";

/** What a change may be about: listeners subscribe to one topic each. */
export type Topic =
  | `step:${string}`
  | `run:${string}`
  | "structure"
  | "runs"
  | "thread"
  | "window"
  | "saved"
  | `element:${string}`
  | `elements:${string}`
  | `actions:${string}`
  | `ask:${string}`
  | "asks"
  | "calls"
  | `field:${FieldName}`;

/** The plain fields of a state that an app sets. */
export type FieldName = (typeof FIELDS)[number];

type StepSet = StepFields & { priorId?: string | null };
type Fields = StateFields;

/**
 * The fold of a thread's log: what its events add up to. The same as `convo.state.ThreadState`. With a `window` that says
 * `more`, of its last pages.
 */
export class ThreadFold {
  thread: ThreadInfo | undefined;
  readonly runs = new Map<string, RunInfo>();
  readonly steps = new Map<string, StepEntry>();
  /** Those that hang on no step are found as those of `""`. */
  readonly elements = new Hanging<Element>((element) => element.forId ?? "");
  readonly actions = new Hanging<Action>((action) => action.forId);
  readonly asks = new Hanging<Ask>((ask) => ask.stepId);
  readonly calls = new Map<string, Call>();
  readonly deliveries = new Map<string, Delivery>();
  window: Window | undefined;
  leaf: string | undefined;
  fields: Readonly<Fields> = {};
  ended: string | undefined;
  saved: Saved = {};
  #touched = new Set<Topic>();
  readonly #unknownKinds = new Set<string>();
  readonly #warn: (text: string) => void;

  constructor(thread?: ThreadInfo, warn: (text: string) => void = () => {}) {
    this.thread = thread;
    this.#warn = warn;
  }

  /** The topics touched since the last call. */
  takeTouched(): ReadonlySet<Topic> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  step(id: string): StepView | undefined {
    return this.steps.get(id)?.view;
  }

  /** The whole fold as the wire writes it: empty collections and absent facts are left out. */
  view(): State {
    const lists = {
      runs: [...this.runs.values()],
      steps: [...this.steps.values()].map((entry) => entry.step),
      elements: [...this.elements.values()],
      actions: [...this.actions.values()],
      asks: [...this.asks.values()],
      calls: [...this.calls.values()],
      deliveries: [...this.deliveries.values()],
    };
    const state: Record<string, unknown> = { thread: this.thread, ...this.fields, saved: this.saved };
    for (const [name, list] of Object.entries(lists)) if (list.length > 0) state[name] = list;
    if (this.leaf !== undefined) state.leaf = this.leaf;
    if (this.ended !== undefined) state.ended = this.ended;
    return state as unknown as State;
  }

  /** Take a snapshot over: a whole one replaces everything, a partial one what it names, a page goes before the rest. */
  restore(snapshot: Pick<Snapshot, "since" | "removed" | "window"> & { state: State }): void {
    this.#touchHanging();
    const isPage = snapshot.since !== undefined && snapshot.window !== undefined;
    const later = isPage ? COLLECTIONS.map((name) => [...this[name]]) : [];
    if (snapshot.since === undefined || isPage) {
      this.#clear();
      this.window = snapshot.window;
    }
    const view = snapshot.state;
    // First what was removed: an entry that is in both was removed and put again.
    for (const [collection, id] of snapshot.removed ?? []) this.#collection(collection)?.delete(id);
    this.thread = view.thread;
    putAll(this.runs, view.runs);
    for (const step of view.steps ?? []) {
      const children = this.steps.get(step.id)?.children ?? [];
      const entry = new StepEntry(step);
      entry.setChildren(children);
      this.steps.set(step.id, entry);
    }
    putAll(this.elements, view.elements);
    putAll(this.actions, view.actions);
    putAll(this.asks, view.asks);
    putAll(this.calls, view.calls);
    putAll(this.deliveries, view.deliveries);
    for (const [index, entries] of later.entries()) {
      const collection = this[COLLECTIONS[index] as Collection] as Map<string, unknown>;
      for (const [id, entry] of entries) if (!collection.has(id)) collection.set(id, entry);
    }
    this.leaf = view.leaf;
    const fields: Record<string, unknown> = {};
    for (const name of FIELDS) if (view[name] !== undefined) fields[name] = view[name];
    this.fields = fields as Fields;
    this.ended = view.ended;
    this.saved = view.saved ?? {};
    this.#linkAll();
    this.#touchHanging();
    for (const topic of GLOBAL_TOPICS) this.#touched.add(topic);
    for (const id of this.steps.keys()) this.#touched.add(`step:${id}`);
    for (const id of this.runs.keys()) this.#touched.add(`run:${id}`);
    for (const [collection, id] of snapshot.removed ?? []) {
      if (collection === "steps") this.#touched.add(`step:${id}`);
      if (collection === "runs") this.#touched.add(`run:${id}`);
    }
  }

  /** Fold one event. Events at odds with the state change nothing; kinds nobody knows are said once. */
  apply(event: Event): void {
    switch (event.kind) {
      case "step-delta": {
        const entry = this.steps.get(event.id);
        if (entry === undefined) return;
        entry.append(event.field ?? "output", event.text);
        this.#touched.add(`step:${event.id}`);
        return;
      }
      case "run-queued": {
        if (this.runs.has(event.id)) return;
        const { kind: _, at, ...facts } = event;
        this.#putRun({ ...facts, status: "queued", queuedAt: at });
        return;
      }
      case "run-started": {
        const run = this.runs.get(event.id);
        if (run?.status !== "queued") return;
        this.#putRun(merge(run, { status: "running", startedAt: event.at, text: null, message: null }));
        return;
      }
      case "run-ended": {
        const run = this.runs.get(event.id);
        if (run === undefined || !(run.status === "queued" || run.status === "running")) return;
        const { status, at, by, error, value } = event;
        this.#putRun(merge(run, { status, endedAt: at, endedBy: by, error, value }));
        return;
      }
      case "step-opened": {
        const { step } = event;
        if (this.steps.has(step.id) || !this.#knows(step.parentId) || !this.#knows(step.priorId)) return;
        const entry = new StepEntry(step);
        this.steps.set(step.id, entry);
        this.#link(step.parentId, step.id, entry);
        this.#touched.add(`step:${step.id}`).add("structure");
        return;
      }
      case "step-patched":
        this.#setStep(event.id, event.set);
        return;
      case "step-closed":
        this.#setStep(event.id, { end: event.end, isError: event.isError ?? false, ...event.set });
        return;
      case "step-removed":
        this.#removeStep(event.id);
        return;
      case "step-delivered": {
        if (!this.steps.has(event.id)) return;
        const { kind: _, ...delivery } = event;
        this.deliveries.set(delivery.id, delivery);
        return;
      }
      case "leaf-moved":
        if (!this.#knows(event.id)) return;
        this.leaf = event.id;
        this.#touched.add("structure");
        return;
      case "element-put":
        if (!this.#canHang(event.element.forId, this.elements.has(event.element.id))) return;
        this.#touchElement(event.element.id);
        this.elements.set(event.element.id, event.element);
        this.#touchElement(event.element.id);
        return;
      case "element-removed":
        this.#touchElement(event.id);
        this.elements.delete(event.id);
        return;
      case "action-put":
        if (!this.#canHang(event.action.forId, this.actions.has(event.action.id))) return;
        this.#touchAction(event.action.id);
        this.actions.set(event.action.id, event.action);
        this.#touchAction(event.action.id);
        return;
      case "action-removed":
        this.#touchAction(event.id);
        this.actions.delete(event.id);
        return;
      case "ask-opened": {
        if (this.asks.has(event.id) || !this.#knows(event.stepId)) return;
        const { kind: _, ...ask } = event;
        this.asks.set(ask.id, ask);
        this.#touched.add("asks").add(`ask:${ask.stepId}`);
        return;
      }
      case "ask-closed": {
        const ask = this.asks.get(event.id);
        if (ask === undefined || ask.outcome !== undefined) return;
        const { outcome, by, answer } = event;
        this.asks.set(ask.id, merge(ask, { outcome, by, answer }));
        this.#touched.add("asks").add(`ask:${ask.stepId}`);
        return;
      }
      case "call-opened": {
        if (this.calls.has(event.id)) return;
        const { kind: _, ...call } = event;
        this.calls.set(call.id, call);
        this.#touched.add("calls");
        return;
      }
      case "call-closed": {
        const call = this.calls.get(event.id);
        if (call === undefined || call.outcome !== undefined) return;
        this.calls.set(call.id, merge(call, { outcome: event.outcome, value: event.value }));
        this.#touched.add("calls");
        return;
      }
      case "thread-patched":
        if (this.thread === undefined) return;
        this.thread = merge(this.thread, event.set, { shared: false, pinned: false });
        this.#touched.add("thread");
        return;
      case "state-patched": {
        const { session, ...set } = event.set;
        this.fields = merge(this.fields, session ? { ...set, session: { ...this.fields.session, ...session } } : set);
        for (const name of FIELDS) if (name in event.set) this.#touched.add(`field:${name}`);
        return;
      }
      case "save-progressed":
        this.saved = savedUpTo(Math.max(this.saved.seq ?? 0, event.seq));
        this.#touched.add("saved");
        return;
      case "save-failed":
        this.saved = { ...this.saved, since: event.since, reason: event.reason };
        this.#touched.add("saved");
        return;
      case "session-ended":
        this.ended = event.reason;
        this.#touched.add("thread");
        return;
      case "toast":
      case "window-message":
      case "audio-chunk":
      case "audio-interrupted":
      case "notice-posted":
      case "notice-cleared":
      case "thread-listed":
      case "thread-unlisted":
        return;
      default:
        this.#skip(event);
    }
  }

  #skip(event: never): void {
    const { kind } = event as { kind: unknown };
    const name = String(kind);
    if (this.#unknownKinds.has(name)) return;
    this.#unknownKinds.add(name);
    this.#warn(`This page does not know events of the kind \`${name}\` and skips them; reload it for a newer version.`);
  }

  /** Whether the step is there, as far as one can know: it may stand on a page that is not loaded. */
  #knows(stepId: string | undefined): boolean {
    return stepId === undefined || this.steps.has(stepId) || this.isPartial;
  }

  /** What hangs on a step that is not loaded comes with that one's page. */
  #canHang(stepId: string | undefined, isThere: boolean): boolean {
    return stepId === undefined || this.steps.has(stepId) || (this.isPartial && isThere);
  }

  /** Whether there are pages that are not loaded. */
  get isPartial(): boolean {
    return this.window?.more === true;
  }

  #putRun(run: RunInfo): void {
    this.runs.set(run.id, run);
    this.#touched.add(`run:${run.id}`).add("runs").add("structure");
  }

  #setStep(id: string, fields: StepSet): void {
    const entry = this.steps.get(id);
    if (entry === undefined) return;
    const { parentId, isMessage } = { parentId: entry.facts.parentId, isMessage: entry.isMessage };
    const { parentId: wanted, ...others } = fields;
    entry.set(typeof wanted === "string" && !this.#standsBefore(wanted, id) ? others : fields);
    this.#touched.add(`step:${id}`);
    if (parentId === entry.facts.parentId && isMessage === entry.isMessage) return;
    this.#unlink(parentId, id);
    this.#link(entry.facts.parentId, id, entry);
    this.#touched.add("structure");
  }

  /** Whether the one step was there before the other: only then may it be its parent, so that trees stay trees. */
  #standsBefore(parentId: string, id: string): boolean {
    if (parentId === id) return false;
    if (!this.steps.has(parentId)) return this.isPartial;
    for (const known of this.steps.keys()) if (known === parentId || known === id) return known === parentId;
    return false;
  }

  #removeStep(id: string): void {
    if (!this.steps.has(id)) return;
    const gone = this.#descendants(id);
    const prior = new Map([...gone].map((goneId) => [goneId, this.steps.get(goneId)?.facts.priorId]));
    const survivor = (stepId: string | undefined): string | undefined => {
      let at = stepId;
      while (at !== undefined && prior.has(at)) at = prior.get(at);
      return at;
    };
    for (const [stepId, entry] of this.steps) {
      const { priorId } = entry.facts;
      if (gone.has(stepId) || priorId === undefined || !gone.has(priorId)) continue;
      entry.set({ priorId: survivor(priorId) ?? null });
      this.#touched.add(`step:${stepId}`);
    }
    this.leaf = survivor(this.leaf);
    this.#unlink(this.steps.get(id)?.facts.parentId, id);
    for (const goneId of gone) {
      this.steps.delete(goneId);
      this.deliveries.delete(goneId);
      this.#touched.add(`step:${goneId}`);
    }
    for (const goneId of gone) this.#touchOwner(goneId);
    dropOf(this.elements, (element) => element.forId, gone);
    dropOf(this.actions, (action) => action.forId, gone);
    dropOf(this.asks, (ask) => ask.stepId, gone);
    this.#touched.add("structure").add("asks");
  }

  #touchElement(id: string): void {
    if (!this.elements.has(id)) return;
    this.#touched.add(`element:${id}`).add(`elements:${this.elements.owner(id) ?? ""}`);
  }

  #touchAction(id: string): void {
    const owner = this.actions.owner(id);
    if (owner !== undefined) this.#touched.add(`actions:${owner}`);
  }

  #touchOwner(stepId: string): void {
    for (const { id } of this.elements.of(stepId)) this.#touchElement(id);
    for (const { id } of this.actions.of(stepId)) this.#touchAction(id);
    if (this.asks.of(stepId).length > 0) this.#touched.add(`ask:${stepId}`);
  }

  /** All that hangs on steps, and elements that hang on none. */
  #touchHanging(): void {
    for (const id of this.elements.keys()) this.#touchElement(id);
    for (const id of this.actions.keys()) this.#touchAction(id);
    for (const stepId of this.asks.owners) this.#touched.add(`ask:${stepId}`);
  }

  /** The step and all below it. A parent always stands before its children, so one pass is enough. */
  #descendants(id: string): Set<string> {
    const found = new Set([id]);
    for (const [childId, entry] of this.steps) {
      const { parentId } = entry.facts;
      if (parentId !== undefined && found.has(parentId)) found.add(childId);
    }
    return found;
  }

  #link(parentId: string | undefined, id: string, entry: StepEntry): void {
    const parent = parentId === undefined ? undefined : this.steps.get(parentId);
    if (parent === undefined || entry.isMessage) return;
    parent.setChildren([...parent.children, id]);
    this.#touched.add(`step:${parentId}`);
  }

  #unlink(parentId: string | undefined, id: string): void {
    const parent = parentId === undefined ? undefined : this.steps.get(parentId);
    if (!parent?.children.includes(id)) return;
    parent.setChildren(parent.children.filter((child) => child !== id));
    this.#touched.add(`step:${parentId}`);
  }

  #linkAll(): void {
    const children = new Map<string, string[]>();
    for (const [id, entry] of this.steps) {
      const { parentId } = entry.facts;
      if (parentId === undefined || entry.isMessage) continue;
      const siblings = children.get(parentId);
      if (siblings === undefined) children.set(parentId, [id]);
      else siblings.push(id);
    }
    for (const [id, entry] of this.steps) entry.setChildren(children.get(id) ?? []);
  }

  #clear(): void {
    for (const id of this.steps.keys()) this.#touched.add(`step:${id}`);
    for (const id of this.runs.keys()) this.#touched.add(`run:${id}`);
    for (const name of COLLECTIONS) this[name].clear();
  }

  #collection(name: string): Map<string, unknown> | undefined {
    const known = COLLECTIONS.find((collection) => collection === name);
    return known === undefined ? undefined : this[known];
  }
}

const COLLECTIONS = ["runs", "steps", "elements", "actions", "asks", "calls", "deliveries"] as const;
type Collection = (typeof COLLECTIONS)[number];
const FIELDS = ["settings", "commands", "modes", "profile", "sidebar", "usage", "audio", "mcp", "session"] as const;
export const GLOBAL_TOPICS: readonly Topic[] = [
  "structure",
  "runs",
  "thread",
  "window",
  "saved",
  "asks",
  "calls",
  ...FIELDS.map((name) => `field:${name}` as const),
];

function savedUpTo(seq: number): Saved {
  return seq > 0 ? { seq } : {};
}

function putAll<T extends { id: string }>(target: Map<string, T>, entries: readonly T[] | undefined): void {
  for (const entry of entries ?? []) target.set(entry.id, entry);
}

function dropOf<T>(target: Map<string, T>, owner: (entry: T) => string | undefined, gone: ReadonlySet<string>): void {
  for (const [id, entry] of target) {
    const ownerId = owner(entry);
    if (ownerId !== undefined && gone.has(ownerId)) target.delete(id);
  }
}
