import type { Ask, ConvoClient, RunInfo } from "@convo/client";
import { said } from "../../said";
import { strings } from "../../strings";
import {
  type Compiled,
  type Component,
  type Facts,
  type FromFrame,
  type Look,
  type Part,
  type Problem,
  type Props,
  readMessage,
  type Sign,
  type ToFrame,
  type Wish,
} from "./messages";
import { Rate } from "./rate";

/** Wishes that one frame may have open at a time. */
const MOST_OPEN = 64;
/** What a frame may say in a second: to the page about its look, and to the server through it. */
const TALK = { perSecond: 200, burst: 400 };
const WISHES = { perSecond: 10, burst: 30 };
const DEFAULT_LIMIT = 256 * 1024;

/** What a bridge needs of the page around it. */
export interface BridgePlace {
  readonly part: (part: Part) => Promise<string>;
  readonly sign: (name: string) => Promise<Sign | null>;
  readonly compiled: (compiled: Compiled) => void;
  readonly open: (url: string) => void;
  readonly height: (height: number) => void;
  readonly shown: () => void;
  readonly problem: (problem: Problem) => void;
  readonly now: () => number;
}

/**
 * The page's end of the port to one frame. It does for the component what the user could do himself, for this one
 * element, and nothing else: what is malformed, too large or too frequent is dropped.
 */
export class Bridge {
  readonly #client: ConvoClient;
  readonly #port: MessagePort;
  readonly #elementId: string;
  readonly #place: BridgePlace;
  readonly #talk: Rate;
  readonly #wishes: Rate;
  readonly #ends = new Set<() => void>();
  #open = 0;
  /** The component that may say what it was compiled to: the one given last, and only before it runs. */
  #awaited: string | undefined;
  #isClosed = false;

  constructor(client: ConvoClient, port: MessagePort, elementId: string, place: BridgePlace) {
    this.#client = client;
    this.#port = port;
    this.#elementId = elementId;
    this.#place = place;
    this.#talk = new Rate(TALK, place.now);
    this.#wishes = new Rate(WISHES, place.now);
    port.onmessage = (event: MessageEvent<unknown>) => this.take(event.data);
  }

  show(component: Component, compiled: Compiled | undefined, facts: Facts, props: Props): void {
    this.#awaited = compiled === undefined ? component.hash : undefined;
    this.#post({ kind: "show", component, compiled, facts, props });
  }

  setProps(props: Props): void {
    this.#post({ kind: "props", props });
  }

  setFacts(facts: Facts): void {
    this.#post({ kind: "facts", facts });
  }

  setLook(look: Look): void {
    this.#post({ kind: "look", look });
  }

  close(): void {
    this.#isClosed = true;
    this.#port.onmessage = null;
    this.#port.close();
    for (const end of this.#ends) end();
  }

  take(data: unknown): void {
    if (this.#isClosed || !this.#talk.allows()) return;
    const message = readMessage(data, this.#client.hello?.limits.messageBytes ?? DEFAULT_LIMIT);
    if (message !== undefined) this.#do(message);
    else this.#refuse(data);
  }

  #do(message: FromFrame): void {
    switch (message.kind) {
      case "height":
        this.#place.height(message.height);
        return;
      case "need":
        void this.#give(message.part);
        return;
      case "sign":
        void this.#place.sign(message.name).then((sign) => this.#post({ kind: "sign", name: message.name, sign }));
        return;
      case "compiled":
        if (message.compiled.hash === this.#awaited) this.#place.compiled(message.compiled);
        this.#awaited = undefined;
        return;
      case "shown":
        this.#awaited = undefined;
        this.#place.shown();
        return;
      case "problem":
        this.#place.problem(message.problem);
        return;
      case "open":
        if (this.#wishes.allows()) this.#place.open(message.url);
        return;
      case "toast":
        if (this.#wishes.allows()) this.#client.showToast(message.text, message.tone);
        return;
      case "wish":
        void this.#grant(message.id, message.wish);
    }
  }

  /** A wish that cannot be read has an answer all the same: its author waits for it. */
  #refuse(data: unknown): void {
    const id = (data as { readonly id?: unknown } | null | undefined)?.id;
    if (Number.isSafeInteger(id)) this.#fail(id as number, "invalid", strings.custom.unreadable);
  }

  async #give(part: Part): Promise<void> {
    let code: string | undefined;
    try {
      code = await this.#place.part(part);
    } catch {
      code = undefined; // the frame says what it misses
    }
    this.#post({ kind: "part", part, code });
  }

  async #grant(id: number, wish: Wish): Promise<void> {
    if (this.#open >= MOST_OPEN || !this.#wishes.allows()) {
      this.#fail(id, "rate-limited", strings.custom.tooOften);
      return;
    }
    this.#open += 1;
    try {
      this.#post({ kind: "result", id, value: (await this.#perform(wish)) ?? null });
    } catch (error) {
      const { code, text } = failureOf(error);
      this.#fail(id, code, text);
    } finally {
      this.#open -= 1;
    }
  }

  async #perform(wish: Wish): Promise<unknown> {
    const elementId = this.#elementId;
    switch (wish.do) {
      case "update":
        await this.#client.request({ kind: "element-update", elementId, props: wish.props });
        return undefined;
      case "remove":
        await this.#client.request({ kind: "element-remove", elementId });
        return undefined;
      case "act": {
        const { name, payload } = wish;
        const answer = await this.#client.request({ kind: "element-act", elementId, name, payload });
        return this.#resultOf((answer.data as { readonly runId?: string } | undefined)?.runId);
      }
      case "send":
        this.#client.send(wish.text);
        return undefined;
      case "submit":
        await this.#client.request({ kind: "answer", askId: this.#ask().id, value: wish.props });
        return undefined;
      case "cancel":
        await this.#client.request({ kind: "cancel-ask", askId: this.#ask().id });
        return undefined;
    }
  }

  /** What the callback of an action returned. Rejects with what it raised. */
  #resultOf(runId: string | undefined): Promise<unknown> {
    if (runId === undefined) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        unsubscribe();
        this.#ends.delete(end);
      };
      const look = (): void => {
        const run = this.#client.run(runId);
        if (run?.endedAt === undefined) return;
        end();
        if (run.status === "done") resolve(run.value);
        else reject(new ActionFailed(run));
      };
      const unsubscribe = this.#client.subscribe(`run:${runId}`, look);
      this.#ends.add(end);
      look();
    });
  }

  /** The question that the element is, while it waits. */
  #ask(): Ask {
    const ask = pendingAsk(this.#client, this.#elementId);
    if (ask === undefined) throw new NothingAsked();
    return ask;
  }

  #fail(id: number, code: string, text: string): void {
    this.#post({ kind: "failure", id, code, text });
  }

  #post(message: ToFrame): void {
    if (!this.#isClosed) this.#port.postMessage(message);
  }
}

/** The question that an element is, if it waits for its answer. */
export function pendingAsk(client: Pick<ConvoClient, "asks">, elementId: string): Ask | undefined {
  return client.asks.find((ask) => ask.type === "element" && ask.spec?.elementId === elementId);
}

class ActionFailed extends Error {
  readonly code: string;

  constructor(run: RunInfo) {
    super(run.error ? said(run.error) : strings.custom.ended);
    this.code = run.status;
  }
}

class NothingAsked extends Error {
  readonly code = "expired";

  constructor() {
    super(strings.custom.notAsked);
  }
}

function failureOf(error: unknown): { code: string; text: string } {
  if (error instanceof ActionFailed || error instanceof NothingAsked) return { code: error.code, text: error.message };
  const failure = (error as { readonly failure?: { readonly code: string; readonly text: string } }).failure;
  return failure ?? { code: "internal", text: String(error) };
}
