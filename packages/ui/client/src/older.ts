import type { ThreadFold } from "./fold";
import { UNREACHABLE } from "./http";
import type { Answer, Failure, Page } from "./protocol.gen";

/** How many turns of a long thread come at first, and with each page. */
export const PAGE_TURNS = 40;
/** The largest page that a server gives. */
const MOST_TURNS = 1000;

/** What stands before the turns that are loaded. */
export interface OlderView {
  readonly more: boolean;
  readonly status: "idle" | "loading" | "failed";
  /** Why it failed. */
  readonly failure?: Failure;
}

export interface OlderPort {
  fold(): ThreadFold;
  /** Rejects when no answer came. */
  page(request: Omit<Page, "id">): Promise<Answer>;
  changed(): void;
}

/** Loads the older turns of a long thread. They come among the other frames; here is known what is on its way. */
export class Older {
  readonly #port: OlderPort;
  #view: OlderView = IDLE;
  /** The step that is to be loaded, too. */
  #to: string | undefined;
  /** The place at which the window begins when the page is there. */
  #place: number | undefined;
  /** Tells an answer that came too late. */
  #asked = 0;
  #waiting: (() => void)[] = [];
  #turns = PAGE_TURNS;

  constructor(port: OlderPort) {
    this.#port = port;
  }

  /** The same object until something changes. */
  get view(): OlderView {
    const more = this.#port.fold().isPartial;
    if (more !== this.#view.more) this.#view = { ...this.#view, more };
    return this.#view;
  }

  /** Loads a page, or all up to the step `to`. Resolves when it is there, or has failed. */
  load(to?: string): Promise<void> {
    if (!this.view.more || (to !== undefined && this.#port.fold().steps.has(to))) return Promise.resolve();
    const settled = new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (to !== undefined) this.#to = to;
    if (this.#view.status !== "loading" || to !== undefined) void this.#ask();
    return settled;
  }

  /** Loads all there is, by large pages. Resolves when it is there, or has failed. */
  async loadAll(): Promise<void> {
    const fold = this.#port.fold();
    this.#turns = MOST_TURNS;
    while (this.view.more && this.#port.fold() === fold) {
      await this.load();
      if (this.#view.status === "failed") break;
    }
    this.#turns = PAGE_TURNS;
  }

  /** A connection stands: what the one before it did not bring is asked for again. */
  hello(): void {
    if (this.#view.status !== "idle") void this.#ask();
  }

  /** Frames were taken in. */
  arrived(): void {
    if (this.#view.status !== "loading") return;
    const place = this.#port.fold().window?.place ?? 0;
    if (this.#place !== undefined && place <= this.#place) this.#settle({ status: "idle" });
  }

  /** Another thread is opened. */
  reset(): void {
    this.#settle({ status: "idle" });
  }

  async #ask(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    this.#place = undefined;
    this.#show({ status: "loading" });
    const to = this.#to;
    const request = { kind: "page", before: this.#oldest(), turns: this.#turns, ...(to && { to }) } as const;
    let answer: Answer | undefined;
    try {
      answer = await this.#port.page(request);
    } catch {
      // Nobody knows whether it arrived; to ask twice for a page does no harm.
    }
    if (asked !== this.#asked) return;
    const place = (answer?.data as { place?: number } | undefined)?.place;
    if (place === undefined) {
      this.#settle({ status: "failed", failure: answer?.error ?? UNREACHABLE });
      return;
    }
    this.#place = place;
    this.arrived();
  }

  #oldest(): string {
    for (const [id, entry] of this.#port.fold().steps) if (entry.isMessage) return id;
    return "";
  }

  #settle(shown: Omit<OlderView, "more">): void {
    this.#asked += 1;
    this.#to = undefined;
    this.#show(shown);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #show(shown: Omit<OlderView, "more">): void {
    this.#view = { ...shown, more: this.#port.fold().isPartial };
    this.#port.changed();
  }
}

const IDLE: OlderView = { more: false, status: "idle" };
