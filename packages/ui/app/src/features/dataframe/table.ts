import { matcher } from "./match";
import type { Order, View } from "./view";

/** As `convo.table` writes it, which says what each type's values are. */
export type ColumnType = "integer" | "number" | "boolean" | "date" | "datetime" | "time" | "duration" | "text" | "json";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly isIndex?: boolean;
}

export interface Head {
  readonly rows: number;
  readonly columns: readonly Column[];
}

/** How many rows decide how a column is shown: its width, its decimals. */
const SAMPLE = 1000;
const MOST_DECIMALS = 6;
const SEPARATOR = "\u0000";

/** A table in memory, which answers for a view of it: in what order, and which rows. No DOM, so that it runs in a worker. */
export class Table {
  readonly columns: readonly Column[];
  /** Rows that will come in all. */
  readonly rows: number;
  readonly #values: unknown[][];
  #decimals: number[] = [];
  readonly #ranks = new Map<number, Float64Array>();
  #texts: string[] | undefined;
  #shown: Uint32Array | undefined;

  constructor(head: Head) {
    this.columns = head.columns;
    this.rows = head.rows;
    this.#values = head.columns.map(() => []);
  }

  /** Rows that have come. */
  get length(): number {
    return this.#values[0]?.length ?? 0;
  }

  /** Rows that the view shows. */
  get shown(): number {
    return this.#shown?.length ?? this.length;
  }

  /** Take the next rows, column by column. */
  append(block: readonly (readonly unknown[])[]): void {
    const isFirst = this.length === 0;
    block.forEach((values, at) => {
      const column = this.#values[at];
      if (column !== undefined) for (const value of values) column.push(value);
    });
    if (isFirst) this.#decimals = this.columns.map((_, at) => this.#decimalsOf(at));
  }

  /** Show these rows, in this order. */
  apply(view: View): void {
    const rows = this.#matching(view);
    this.#shown = view.order === undefined ? rows : this.#sorted(rows ?? everyRow(this.length), view.order);
  }

  /** What cells say, a list for each row; `null` where nothing is. */
  cells(from: number, to: number, firstColumn: number, endColumn: number): (string | null)[][] {
    const cells: (string | null)[][] = [];
    for (let at = from; at < Math.min(to, this.shown); at++) {
      const row = this.#rowAt(at);
      const line: (string | null)[] = [];
      for (let column = firstColumn; column < Math.min(endColumn, this.columns.length); column++) {
        line.push(this.#text(row, column));
      }
      cells.push(line);
    }
    return cells;
  }

  /** The whole of one cell, as it is. */
  cell(at: number, column: number): string {
    const value = this.#values[column]?.[this.#rowAt(at)];
    return this.columns[column]?.type === "json" ? JSON.stringify(value, undefined, 2) : exactText(value);
  }

  /** The longest text of each column among the first rows, in characters. */
  lengths(): number[] {
    return this.columns.map((_, at) => {
      let longest = 0;
      for (let row = 0; row < Math.min(SAMPLE, this.length); row++) {
        longest = Math.max(longest, this.#text(row, at)?.length ?? 0);
      }
      return longest;
    });
  }

  /** What is shown as CSV, in pieces: the exact values, by RFC 4180. */
  *csv(): Generator<string> {
    const columns = this.columns.map((_, at) => at);
    yield `${this.columns.map(({ name }) => quoted(name, ",")).join(",")}\r\n`;
    for (let from = 0; from < this.shown; from += 2000) {
      yield this.#lines(from, Math.min(from + 2000, this.shown), columns, ",", "\r\n");
    }
  }

  /** A part of what is shown, to paste into a sheet; `to` and `end` are not part of it. */
  copied(from: number, to: number, first: number, end: number): string {
    const columns = this.columns.map((_, at) => at).slice(first, end);
    if (to - from === 1 && end - first === 1) return exactText(this.#values[first]?.[this.#rowAt(from)]);
    return this.#lines(from, Math.min(to, this.shown), columns, "\t", "\n").slice(0, -1);
  }

  #rowAt(at: number): number {
    return this.#shown === undefined ? at : (this.#shown[at] ?? 0);
  }

  #lines(from: number, to: number, columns: readonly number[], comma: string, end: string): string {
    let lines = "";
    for (let at = from; at < to; at++) {
      const row = this.#rowAt(at);
      lines += columns.map((column) => quoted(exactText(this.#values[column]?.[row]), comma)).join(comma) + end;
    }
    return lines;
  }

  #text(row: number, column: number): string | null {
    const value = this.#values[column]?.[row];
    if (value === null || value === undefined) return null;
    return shownText(value, this.columns[column]?.type ?? "text", this.#decimals[column] ?? 0);
  }

  #decimalsOf(column: number): number {
    if (this.columns[column]?.type !== "number") return 0;
    let most = 0;
    for (const value of this.#values[column]?.slice(0, SAMPLE) ?? []) {
      if (typeof value !== "number" || Number.isInteger(value)) continue;
      const text = String(Number(value.toPrecision(MOST_DECIMALS + 1)));
      if (!text.includes("e")) most = Math.max(most, text.length - text.indexOf(".") - 1);
    }
    return Math.min(most, MOST_DECIMALS);
  }

  // --- Which rows ---

  #matching({ search, filters }: View): Uint32Array | undefined {
    const wanted = search.trim().toLowerCase();
    const tests = [...filters]
      .map(([column, filter]) => ({ column, test: matcher(filter, this.columns[column]?.type ?? "text") }))
      .filter(({ test }) => test !== undefined);
    if (wanted === "" && tests.length === 0) return undefined;
    const texts = wanted === "" ? undefined : this.#searchable();
    const rows = new Uint32Array(this.length);
    let count = 0;
    for (let row = 0; row < this.length; row++) {
      if (texts !== undefined && texts[row]?.includes(wanted) !== true) continue;
      if (!tests.every(({ column, test }) => test?.(this.#values[column]?.[row], this.#text(row, column)))) continue;
      rows[count++] = row;
    }
    return rows.subarray(0, count);
  }

  /** Each row's words, in lower case; made with the first search. */
  #searchable(): string[] {
    this.#texts ??= Array.from({ length: this.length }, (_, row) =>
      this.columns
        .map((_column, at) => this.#text(row, at) ?? "")
        .join(SEPARATOR)
        .toLowerCase(),
    );
    return this.#texts;
  }

  // --- In what order ---

  /** Stable both ways: equals stay as they came. What is missing comes last. */
  #sorted(rows: Uint32Array, { column, isDescending }: Order): Uint32Array {
    const ranks = this.#ranked(column);
    const sign = isDescending ? -1 : 1;
    return rows.slice().sort((a, b) => {
      const left = ranks[a] ?? Number.NaN;
      const right = ranks[b] ?? Number.NaN;
      if (left === right) return a - b;
      if (Number.isNaN(left)) return Number.isNaN(right) ? a - b : 1;
      return Number.isNaN(right) ? -1 : (left - right) * sign || a - b;
    });
  }

  /** A number for each row to sort by; `NaN` for what is missing. */
  #ranked(column: number): Float64Array {
    const known = this.#ranks.get(column);
    if (known !== undefined) return known;
    const values = this.#values[column] ?? [];
    const type = this.columns[column]?.type ?? "text";
    const isWords = type === "text" || type === "json";
    const ranks = isWords ? wordRanks(values) : Float64Array.from(values, (value) => rankOf(value, type));
    this.#ranks.set(column, ranks);
    return ranks;
  }
}

function everyRow(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, row) => row);
}

function rankOf(value: unknown, type: ColumnType): number {
  if (value === null || value === undefined) return Number.NaN;
  if (type === "date" || type === "datetime") return Date.parse(String(value)) + fractionOfMillisecond(String(value));
  if (type === "time") return Date.parse(`1970-01-01T${value}`) + fractionOfMillisecond(String(value));
  return Number(value);
}

/** What `Date.parse` forgets: the digits behind the third. */
function fractionOfMillisecond(text: string): number {
  const digits = /\.\d{3}(\d+)/.exec(text)?.[1];
  return digits === undefined ? 0 : Number(`0.${digits}`);
}

/** Words in the reader's order, each word looked at once. */
function wordRanks(values: readonly unknown[]): Float64Array {
  const words = values.map((value) => (value === null || value === undefined ? null : shownText(value, "json", 0)));
  const different = [...new Set(words)].filter((word) => word !== null);
  const collator = new Intl.Collator(undefined, { numeric: true });
  different.sort((a, b) => collator.compare(a, b) || (a < b ? -1 : 1));
  const ranks = new Map(different.map((word, rank) => [word, rank]));
  return Float64Array.from(words, (word) => (word === null ? Number.NaN : (ranks.get(word) ?? Number.NaN)));
}

/** How a value reads in its cell: one line. */
export function shownText(value: unknown, type: ColumnType, decimals: number): string {
  if (typeof value === "number") {
    if (type === "duration") return durationText(value);
    return type === "number" ? decimalText(value, decimals) : String(value);
  }
  if (typeof value !== "string") return JSON.stringify(value);
  if (type === "datetime") return value.replace("T", " ");
  return value.includes("\n") ? value.replace(/\s*\n\s*/g, " ↵ ") : value;
}

function decimalText(value: number, decimals: number): string {
  const size = Math.abs(value);
  if (size >= 1e15 || (size !== 0 && size < 10 ** -MOST_DECIMALS)) return String(Number(value.toPrecision(7)));
  return value.toFixed(decimals);
}

function durationText(seconds: number): string {
  const size = Math.abs(seconds);
  const days = Math.floor(size / 86_400);
  const two = (count: number) => String(Math.floor(count)).padStart(2, "0");
  const rest = Number((size % 1).toFixed(6));
  const clock = `${two((size % 86_400) / 3600)}:${two((size % 3600) / 60)}:${two(size % 60)}${rest ? String(rest).slice(1) : ""}`;
  return `${seconds < 0 ? "−" : ""}${days > 0 ? `${days} d ` : ""}${clock}`;
}

/** A value as it is, for a file or the clipboard. */
function exactText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
}

function quoted(text: string, comma: string): string {
  return text.includes(comma) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
