import { type Failure, type News, RemoteTable } from "./remote";
import type { Column } from "./table";
import { nextOrder, type View, WHOLE } from "./view";

const PAGE_ROWS = 64;
const PAGE_COLUMNS = 24;
const MOST_PAGES = 120;
const CHARACTER = 7.5; // pixels, about
const NARROWEST = 56;
const WIDEST = 320;

type Page = readonly (readonly (string | null)[])[];

/** A table as one reader sees it: what of it has come, its view, its widths. React reads it through `subscribe`. */
export class Sheet {
  readonly #table: RemoteTable;
  readonly #listeners = new Set<() => void>();
  readonly #pages = new Map<string, Page | undefined>();
  #version = 0;
  #isAsked = false;

  columns: readonly Column[] = [];
  widths: readonly number[] = [];
  /** Of the table; `undefined` until it is known. */
  total: number | undefined;
  /** Rows that have come. */
  come = 0;
  /** Rows in the view. */
  shown = 0;
  view: View = WHOLE;
  /** Counts the views that were shown. */
  viewed = 0;
  isWhole = false;
  /** The view is being made. */
  isBusy = false;
  failure: Failure | undefined;

  constructor(url: string) {
    this.#table = new RemoteTable(url, (news) => this.#take(news));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly version = (): number => this.#version;

  close(): void {
    this.#table.close();
    this.#listeners.clear();
  }

  // --- What it says ---

  /** What a cell says; `null` where nothing is, `undefined` while it is not here yet. */
  textOf(row: number, column: number): string | null | undefined {
    const page = this.#pages.get(keyOf(row, column));
    return page?.[row % PAGE_ROWS]?.[column % PAGE_COLUMNS];
  }

  /** Bring what is there of these cells. */
  want(from: number, to: number, first: number, end: number): void {
    for (let row = from - (from % PAGE_ROWS); row < to; row += PAGE_ROWS) {
      for (let column = first - (first % PAGE_COLUMNS); column < end; column += PAGE_COLUMNS) this.#bring(row, column);
    }
  }

  wholeCell(row: number, column: number): Promise<string> {
    return this.#table.cell(row, column);
  }

  /** A part of it to paste elsewhere; `to` and `end` are not part of it. */
  copy(from: number, to: number, first: number, end: number): Promise<string> {
    return this.#table.copy({ from, to, first, end });
  }

  csv(): Promise<Blob> {
    return this.#table.csv();
  }

  // --- What it is told ---

  sort(column: number): void {
    this.show({ ...this.view, order: nextOrder(this.view.order, column) });
  }

  search(words: string): void {
    this.show({ ...this.view, search: words });
  }

  filter(column: number, filter: string): void {
    const filters = new Map(this.view.filters);
    if (filter === "") filters.delete(column);
    else filters.set(column, filter);
    this.show({ ...this.view, filters });
  }

  /** Show it so, as soon as all of it is here. The view that is shown stays until then. */
  show(view: View): void {
    this.view = view;
    this.isBusy = true;
    this.#changed();
    if (this.isWhole) void this.#apply();
  }

  resize(column: number, width: number): void {
    this.widths = this.widths.map((own, at) => (at === column ? Math.max(NARROWEST, Math.round(width)) : own));
    this.#changed();
  }

  /** One view at a time: those that were wanted meanwhile are left out, but for the last. */
  async #apply(): Promise<void> {
    if (this.#isAsked) return;
    this.#isAsked = true;
    for (let wanted: View | undefined; wanted !== this.view; ) {
      wanted = this.view;
      this.shown = await this.#table.view(wanted);
      this.viewed++;
      this.#pages.clear();
      this.isBusy = wanted !== this.view;
      this.#changed();
    }
    this.#isAsked = false;
  }

  #bring(row: number, column: number): void {
    const key = keyOf(row, column);
    if (this.#pages.has(key) || row >= this.come) return;
    const { viewed } = this;
    this.#pages.set(key, undefined);
    const area = { from: row, to: row + PAGE_ROWS, first: column, end: column + PAGE_COLUMNS };
    void this.#table.cells(area).then((page) => {
      if (viewed !== this.viewed || !this.#pages.has(key)) return;
      this.#pages.delete(key);
      this.#pages.set(key, page);
      const oldest = this.#pages.keys().next().value;
      if (this.#pages.size > MOST_PAGES && oldest !== undefined) this.#pages.delete(oldest);
      this.#changed();
    });
  }

  #take(news: News): void {
    switch (news.kind) {
      case "opened":
        this.columns = news.columns;
        this.total = news.rows;
        this.shown = news.rows;
        this.widths = news.columns.map(({ name }, at) =>
          Math.min(WIDEST, Math.max(NARROWEST, (news.lengths[at] ?? 0) * CHARACTER + 24, name.length * CHARACTER + 48)),
        );
        break;
      case "came":
        this.come = news.rows;
        for (const [key, page] of this.#pages) if (page?.length !== PAGE_ROWS) this.#pages.delete(key);
        break;
      case "whole":
        this.isWhole = true;
        if (this.view !== WHOLE) void this.#apply();
        break;
      case "failed":
        this.failure = news.reason;
    }
    this.#changed();
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}

function keyOf(row: number, column: number): string {
  return `${Math.floor(row / PAGE_ROWS)} ${Math.floor(column / PAGE_COLUMNS)}`;
}
