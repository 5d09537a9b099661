import type { Token, Tokens } from "marked";
import { createContext } from "react";

/** The footnotes of one text, as its marks and its list of notes need them. */
export interface Notes {
  /** What the ids of this text begin with, so that no two texts on a page share one. */
  readonly id: string;
  /** By label, in the order in which the text comes to them. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly defined: ReadonlyMap<string, Tokens.Generic>;
  /** A mark without a note may still get one. */
  readonly isOpen: boolean;
}

export const NotesContext = createContext<Notes | undefined>(undefined);

/** Finds the footnotes of a text that grows. What has not changed gives the same answer, the same object. */
export class NoteIndex {
  #marks = new WeakMap<Token, readonly string[]>();
  #notes: Notes | undefined;

  constructor(private readonly id: string) {}

  update(tokens: readonly Token[], isOpen: boolean): Notes | undefined {
    const marked = tokens.flatMap((token) => this.#marksOf(token));
    const defined = new Map<string, Tokens.Generic>();
    for (const token of tokens) {
      const label = token.type === "footnote" ? String((token as Tokens.Generic).label) : undefined;
      if (label !== undefined && !defined.has(label)) defined.set(label, token);
    }
    if (marked.length === 0 && defined.size === 0) return undefined;
    const labels = new Set([...marked, ...defined.keys()].filter((label) => isOpen || isNote(label, defined)));
    const numbers = new Map([...labels].map((label, index) => [label, index + 1]));
    const before = this.#notes;
    const isSame =
      before !== undefined &&
      before.isOpen === isOpen &&
      [...numbers.keys()].join() === [...before.numbers.keys()].join() &&
      defined.size === before.defined.size &&
      [...defined].every(([label, token]) => before.defined.get(label) === token);
    this.#notes = isSame ? before : { id: this.id, numbers, defined, isOpen };
    return this.#notes;
  }

  #marksOf(token: Token): readonly string[] {
    if (!token.raw.includes("[^")) return [];
    const known = this.#marks.get(token);
    if (known) return known;
    const found = collect(token);
    this.#marks.set(token, found);
    return found;
  }
}

/** A mark that nothing explains is a number, if it is written as one, else the text it is: `[^0-9]`. */
function isNote(label: string, defined: ReadonlyMap<string, Token>): boolean {
  return defined.has(label) || /^\d+$/.test(label);
}

function collect(token: Token): string[] {
  const { type, label, tokens, items, header, rows, summary } = token as Tokens.Generic;
  if (type === "footnote-mark") return [String(label)];
  if (type === "code" || type === "codespan") return [];
  const cells = [header, ...(Array.isArray(rows) ? rows : [])].flat().filter((cell) => typeof cell === "object");
  const inner = [summary, cells, items, tokens].flatMap((part) => (Array.isArray(part) ? (part as Token[]) : []));
  return inner.flatMap(collect);
}
