import { folder } from "virtual:pdfjs";
import * as pdfjs from "pdfjs-dist";
import workerAddress from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import { EventBus, LinkTarget, PDFFindController, PDFLinkService, PDFViewer } from "pdfjs-dist/web/pdf_viewer.mjs";
import { strings } from "../../strings";
import { surface } from "../../ui/surface";

pdfjs.GlobalWorkerOptions.workerSrc = workerAddress;

const MOST_ZOOM = 5;
const LEAST_ZOOM = 0.25;
const STEP = 1.2;
/** Where pages meet what surrounds them. */
const FIT = "page-width";

export type BookFailure = "missing" | "unreachable" | "broken";

/** What a reader can know of an open PDF. */
export interface BookState {
  readonly status: "loading" | "locked" | "open" | BookFailure;
  /** The password that was given last is not it. */
  readonly isWrongPassword: boolean;
  readonly pages: number;
  readonly page: number;
  /** 1 is the size of the paper. */
  readonly zoom: number;
  readonly isFitted: boolean;
  readonly search: SearchState;
}

export interface SearchState {
  readonly status: "none" | "running" | "found" | "not found";
  /** From 1; 0 for none. */
  readonly current: number;
  readonly total: number;
}

const NOTHING: SearchState = { status: "none", current: 0, total: 0 };
const START: BookState = {
  status: "loading",
  isWrongPassword: false,
  pages: 0,
  page: 1,
  zoom: 1,
  isFitted: true,
  search: NOTHING,
};

/** One PDF in one frame: its pages are drawn as they come into sight, its bytes fetched as they are needed. */
export class Book {
  state: BookState = START;
  readonly #listeners = new Set<() => void>();
  readonly #events = new EventBus();
  readonly #viewer: PDFViewer;
  readonly #links: PDFLinkService;
  readonly #task: pdfjs.PDFDocumentLoadingTask;
  readonly #observer: ResizeObserver;
  #givePassword: ((password: string) => void) | undefined;
  #query = "";

  /** `frame` is positioned and scrolls; its first child takes the pages. Opens at `page`, or the last there is. */
  constructor(url: string, frame: HTMLDivElement, page: number) {
    this.#links = new PDFLinkService({
      eventBus: this.#events,
      externalLinkTarget: LinkTarget.BLANK,
      externalLinkRel: "noopener noreferrer nofollow",
    });
    const findController = new PDFFindController({ eventBus: this.#events, linkService: this.#links });
    this.#viewer = new PDFViewer({
      container: frame,
      eventBus: this.#events,
      linkService: this.#links,
      findController,
      annotationMode: pdfjs.AnnotationMode.ENABLE,
      removePageBorders: true,
      supportsPinchToZoom: false,
      enableSelectionRendering: false,
      l10n: UNTRANSLATED as unknown as NonNullable<ConstructorParameters<typeof PDFViewer>[0]["l10n"]>,
    });
    this.#links.setViewer(this.#viewer);
    this.#listen(page);
    this.#task = pdfjs.getDocument({
      url: new URL(url, surface.base).href,
      // What is looked at is what is loaded, by ranges.
      disableAutoFetch: true,
      disableStream: true,
      cMapUrl: `${folder}cmaps/`,
      standardFontDataUrl: `${folder}standard_fonts/`,
      wasmUrl: `${folder}wasm/`,
      iccUrl: `${folder}iccs/`,
      verbosity: pdfjs.VerbosityLevel.ERRORS,
    });
    this.#task.onPassword = (give: (password: string) => void, reason: number) => {
      this.#givePassword = give;
      this.#set({ status: "locked", isWrongPassword: reason === pdfjs.PasswordResponses.INCORRECT_PASSWORD });
    };
    this.#task.promise.then(
      (opened) => {
        if (this.#task.destroyed) return;
        this.#set({ status: "open", pages: opened.numPages });
        this.#viewer.setDocument(opened);
        this.#links.setDocument(opened, null);
      },
      (error: unknown) => {
        if (!this.#task.destroyed) this.#set({ status: failureOf(error) });
      },
    );
    this.#observer = new ResizeObserver(() => {
      if (this.state.isFitted && this.#viewer.pagesCount > 0 && frame.clientWidth > 0) this.fit();
    });
    this.#observer.observe(frame);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): BookState => this.state;

  close(): void {
    this.#listeners.clear();
    this.#observer.disconnect();
    this.#viewer.cleanup();
    void this.#task.destroy();
  }

  unlock(password: string): void {
    this.#set({ status: "loading" });
    this.#givePassword?.(password);
  }

  /** Show a page, or the nearest there is. */
  goTo(page: number): void {
    this.#viewer.currentPageNumber = Math.min(Math.max(1, Math.round(page) || 1), this.state.pages);
  }

  fit(): void {
    this.#viewer.currentScaleValue = FIT;
  }

  enlarge(): void {
    this.#viewer.currentScale = Math.min(MOST_ZOOM, this.state.zoom * STEP);
  }

  reduce(): void {
    this.#viewer.currentScale = Math.max(LEAST_ZOOM, this.state.zoom / STEP);
  }

  /** Mark all places with these words and show the first. */
  find(query: string): void {
    this.#query = query;
    if (query === "") {
      this.#events.dispatch("findbarclose", { source: this });
      this.#set({ search: NOTHING });
      return;
    }
    this.#set({ search: { ...this.state.search, status: "running" } });
    this.#search("", false);
  }

  /** The place after the one that is shown, or the one before it; around the ends. */
  findNext(isBackwards = false): void {
    if (this.#query !== "") this.#search("again", isBackwards);
  }

  #search(type: "" | "again", findPrevious: boolean): void {
    const options = { caseSensitive: false, entireWord: false, highlightAll: true, matchDiacritics: false };
    this.#events.dispatch("find", { source: this, type, query: this.#query, findPrevious, ...options });
  }

  #listen(first: number): void {
    const on = <T>(name: string, listener: (event: T) => void) => this.#events.on(name, listener);
    on("pagesinit", () => {
      this.#viewer.currentScaleValue = FIT;
      for (let at = 0; at < this.#viewer.pagesCount; at++) {
        this.#viewer
          .getPageView(at)
          ?.div.setAttribute(
            "aria-label",
            strings.viewers.pdf.pageOf({ page: at + 1, pages: this.#viewer.pagesCount }),
          );
      }
      if (first > 1) this.goTo(first);
    });
    on("pagechanging", ({ pageNumber }: { pageNumber: number }) => this.#set({ page: pageNumber }));
    on("scalechanging", ({ scale, presetValue }: { scale: number; presetValue?: string }) =>
      this.#set({ zoom: scale, isFitted: presetValue === FIT }),
    );
    on("updatefindmatchescount", ({ matchesCount }: { matchesCount: Count }) => this.#found(matchesCount));
    on("updatefindcontrolstate", ({ state, matchesCount }: { state: number; matchesCount: Count }) => {
      if (this.#query === "") return;
      // 0 found, 1 not found, 2 found around an end, 3 at work
      this.#found(matchesCount, state === 1 ? "not found" : state === 3 ? "running" : "found");
    });
  }

  #found({ current, total }: Count, status: SearchState["status"] = this.state.search.status): void {
    if (this.#query !== "") this.#set({ search: { status: total > 0 ? "found" : status, current, total } });
  }

  #set(change: Partial<BookState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

interface Count {
  readonly current: number;
  readonly total: number;
}

function failureOf(error: unknown): BookFailure {
  if (error instanceof pdfjs.ResponseException) return error.missing ? "missing" : "unreachable";
  return error instanceof TypeError ? "unreachable" : "broken";
}

/** pdf.js's own words are not wanted: ours are in `strings`. */
const UNTRANSLATED = {
  getLanguage: () => "en-us",
  getDirection: () => "ltr",
  get: async (_ids: unknown, _args?: unknown, fallback?: string) => fallback ?? "",
  translate: async () => {},
  translateOnce: async () => {},
  destroy: async () => {},
  pause: () => {},
  resume: () => {},
};
