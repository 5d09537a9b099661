import type { Token } from "marked";
import { type Links, lexerOf } from "./grammar";
import { heal } from "./heal";

/**
 * The blocks of a text that grows at its end. What cannot change any more is kept; only the tail is lexed again.
 *
 * Tokens of unchanged blocks keep their identity between calls, so a memoised view of them renders once.
 */
export class Blocks {
  #text = "";
  /** Everything before this offset is lexed for good, as `#stable`. */
  #boundary = 0;
  #stable: readonly Token[] = [];
  #links: Links = {};
  /** What stands between the stable blocks and the last one, as it was read. */
  #between: { readonly text: string; readonly tokens: readonly Token[] } = { text: "", tokens: [] };
  #shown: readonly Token[] = [];

  /** `isOpen`: more is to come, so the last block is healed. */
  update(source: string, isOpen: boolean): readonly Token[] {
    const text = source.includes("\r") ? source.replace(/\r\n?/g, "\n") : source;
    if (!text.startsWith(this.#text.slice(0, this.#boundary))) this.#reset();
    this.#text = text;
    // A finished text is read once as a whole: what came last may have changed how the beginning reads.
    const tokens = isOpen ? this.#grow() : lex(text, {});
    this.#shown = tokens
      .filter((token) => token.type !== "space" && token.type !== "def")
      .map((token, index) => {
        const before = this.#shown[index];
        return before && isSame(before, token) ? before : token;
      });
    return this.#shown;
  }

  #grow(): readonly Token[] {
    const last = this.#settle(outline(this.#text.slice(this.#boundary), this.#links));
    const tail = this.#text.slice(this.#boundary);
    if (!last) return this.#stable;
    const start = Math.max(0, tail.lastIndexOf(last.raw));
    return [...this.#stable, ...this.#readBetween(tail.slice(0, start)), ...lex(healed(last), this.#links, true)];
  }

  #readBetween(text: string): readonly Token[] {
    if (text !== this.#between.text) this.#between = { text, tokens: this.#lex(text) };
    return this.#between.tokens;
  }

  #reset(): void {
    this.#boundary = 0;
    this.#stable = [];
    this.#links = {};
    this.#between = { text: "", tokens: [] };
  }

  #lex(text: string): Token[] {
    return lex(text, this.#links);
  }

  /**
   * Keeps what is final and returns the last block. The last two blocks may still merge (a lone `2` becomes the next item of
   * the list before it); what stands before them does not, but for texts nobody writes, which the last reading mends.
   */
  #settle(tail: readonly Token[]): Token | undefined {
    const solid = tail.flatMap((token, index) => (token.type === "space" ? [] : [index]));
    const last = tail[solid.at(-1) ?? 0];
    const keep = solid.at(-2) ?? 0;
    // The lexer swallows a repeated definition; then offsets cannot be told from tokens.
    if (keep === 0 || lengthOf(tail) !== this.#text.length - this.#boundary) return last;
    const settled = tail.slice(0, keep);
    const end = this.#boundary + lengthOf(settled);
    this.#stable = [...this.#stable, ...this.#lex(this.#text.slice(this.#boundary, end))];
    this.#boundary = end;
    let defines = false;
    for (const token of settled) {
      if (token.type !== "def" || typeof token.tag !== "string") continue;
      this.#links[token.tag] = {
        href: String(token.href),
        title: typeof token.title === "string" ? token.title : null,
      };
      defines = true;
    }
    if (!defines) return last;
    // A definition changes what was written before it: references become links.
    this.#stable = lex(this.#text.slice(0, this.#boundary), {});
    this.#between = { text: "", tokens: [] };
    return outline(this.#text.slice(this.#boundary), this.#links).findLast((token) => token.type !== "space");
  }
}

/** A formula is never healed: half of it would be a wrong one. */
function healed(token: Token): string {
  return token.type === "formula" ? token.raw : heal(token.raw);
}

function lex(text: string, links: Links, isOpen = false): Token[] {
  return [...lexerOf(links, isOpen).lex(text)];
}

/** The blocks alone, without what stands in their lines: enough to tell where they begin and end. */
function outline(text: string, links: Links): Token[] {
  const lexer = lexerOf(links, true);
  return lexer.blockTokens(text, lexer.tokens);
}

function lengthOf(tokens: readonly Token[]): number {
  return tokens.reduce((sum, token) => sum + token.raw.length, 0);
}

/** Whether two tokens show the same. A reference link may read differently though its text is the same. */
export function isSame(a: Token, b: Token): boolean {
  if (a === b) return true;
  return a.type === b.type && a.raw === b.raw && (a.type === "code" || a.type === "formula" || !a.raw.includes("["));
}
