import { lines } from "./lines";
import type { Answer, Failure, Question } from "./remote";
import { type Head, Table } from "./table";

/** Holds a table and answers for it, so that the page never waits for 100,000 rows. */

/** As much of a worker's own world as this one needs: the page's types stand beside. */
interface Self {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(answer: Answer): void;
}

const own = globalThis as unknown as Self;
const PROGRESS = 100; // milliseconds between two pieces of news

let table: Table | undefined;

own.onmessage = ({ data: question }) => {
  if (question.kind === "open") {
    void open(question.url).catch((error: unknown) =>
      own.postMessage({ kind: "failed", reason: error instanceof OpenError ? error.reason : "failed" }),
    );
    return;
  }
  if (table !== undefined) own.postMessage({ kind: "value", id: question.id, value: answer(table, question) });
};

function answer(of: Table, question: Exclude<Question, { kind: "open" }>): unknown {
  switch (question.kind) {
    case "view":
      of.apply(question.view);
      return of.shown;
    case "cells":
      return of.cells(question.from, question.to, question.first, question.end);
    case "cell":
      return of.cell(question.row, question.column);
    case "copy":
      return of.copied(question.from, question.to, question.first, question.end);
    case "csv":
      return new Blob(["\ufeff", ...of.csv()], { type: "text/csv;charset=utf-8" });
  }
}

class OpenError extends Error {
  readonly reason: Failure;

  constructor(reason: Failure) {
    super(`The table is ${reason}.`);
    this.reason = reason;
  }
}

async function open(url: string): Promise<void> {
  const response = await fetch(url).catch(() => {
    throw new OpenError("unreachable");
  });
  if (response.status === 404 || response.status === 410) throw new OpenError("missing");
  if (!response.ok || response.body === null) throw new OpenError("unreachable");
  const unpacked = response.body.pipeThrough(new DecompressionStream("gzip")).pipeThrough(new TextDecoderStream());
  let told = 0;
  for await (const line of lines(unpacked)) {
    if (table === undefined) {
      table = new Table(readHead(line));
      continue;
    }
    table.append(JSON.parse(line) as unknown[][]);
    const now = performance.now();
    if (told !== 0 && now - told < PROGRESS) continue;
    tell(table, told === 0);
    told = now;
  }
  if (table === undefined || table.length !== (table.columns.length > 0 ? table.rows : 0))
    throw new OpenError("failed");
  tell(table, told === 0);
  own.postMessage({ kind: "whole" });
}

function tell(of: Table, isFirst: boolean): void {
  if (isFirst) own.postMessage({ kind: "opened", columns: of.columns, rows: of.rows, lengths: of.lengths() });
  own.postMessage({ kind: "came", rows: of.length });
}

function readHead(line: string): Head {
  const head = JSON.parse(line) as Head & { readonly format?: string; readonly version?: number };
  if (head.format !== "convo-table" || head.version !== 1) throw new OpenError("failed");
  return head;
}
