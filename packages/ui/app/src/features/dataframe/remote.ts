import { surface } from "../../ui/surface";
import { workerAt } from "../../ui/worker";
import type { Column } from "./table";
import tableWorker from "./table.worker.ts?worker&url";
import type { View } from "./view";

export type Failure = "missing" | "unreachable" | "failed";

/** What the page asks the worker. All but the first are answered with a value, in their order. */
export type Question = { readonly kind: "open"; readonly url: string } | (Request & { readonly id: number });

type Request =
  | { readonly kind: "view"; readonly view: View }
  | ({ readonly kind: "cells" } & Area)
  | { readonly kind: "cell"; readonly row: number; readonly column: number }
  | ({ readonly kind: "copy" } & Area)
  | { readonly kind: "csv" };

/** Rows and columns; `to` and `end` are not part of it. */
export interface Area {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly end: number;
}

export type Answer = News | { readonly kind: "value"; readonly id: number; readonly value: unknown };

/** What the worker says by itself while a table comes. */
export type News =
  | {
      readonly kind: "opened";
      readonly columns: readonly Column[];
      readonly rows: number;
      readonly lengths: readonly number[];
    }
  | { readonly kind: "came"; readonly rows: number }
  | { readonly kind: "whole" }
  | { readonly kind: "failed"; readonly reason: Failure };

/** A table that a worker holds. End it with `close`. */
export class RemoteTable {
  readonly #worker: Worker;
  readonly #open = new Map<number, (value: unknown) => void>();
  #last = 0;

  constructor(url: string, tell: (news: News) => void) {
    this.#worker = workerAt(tableWorker);
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.kind !== "value") {
        tell(data);
        return;
      }
      this.#open.get(data.id)?.(data.value);
      this.#open.delete(data.id);
    };
    this.#worker.onerror = () => tell({ kind: "failed", reason: "failed" });
    this.#worker.postMessage({ kind: "open", url: new URL(url, surface.base).href } satisfies Question);
  }

  /** How many rows there are in that view, which holds from now on. */
  async view(view: View): Promise<number> {
    return (await this.#ask({ kind: "view", view })) as number;
  }

  async cells(area: Area): Promise<(string | null)[][]> {
    return (await this.#ask({ kind: "cells", ...area })) as (string | null)[][];
  }

  /** The whole of a cell, which may be more than it shows. */
  async cell(row: number, column: number): Promise<string> {
    return (await this.#ask({ kind: "cell", row, column })) as string;
  }

  async copy(area: Area): Promise<string> {
    return (await this.#ask({ kind: "copy", ...area })) as string;
  }

  async csv(): Promise<Blob> {
    return (await this.#ask({ kind: "csv" })) as Blob;
  }

  close(): void {
    this.#worker.terminate();
    this.#open.clear();
  }

  #ask(request: Request): Promise<unknown> {
    return new Promise((resolve) => {
      const id = ++this.#last;
      this.#open.set(id, resolve);
      this.#worker.postMessage({ ...request, id } satisfies Question);
    });
  }
}
