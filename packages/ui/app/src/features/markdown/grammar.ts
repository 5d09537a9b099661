import {
  Lexer,
  type MarkedOptions,
  type Token,
  type TokenizerExtensionFunction,
  type Tokens,
  type TokensList,
} from "marked";
import { detailsOf } from "./details";
import { blockFormula, formulaStart, inlineFormula } from "./formula";

export type Links = TokensList["links"];

/** GitHub's Markdown and formulas, footnotes and `<details>`. `isOpen`: more is to come, so a formula may be half there. */
export function lexerOf(links: Links, isOpen: boolean): Lexer {
  const lexer = new Lexer(isOpen ? growing : whole);
  Object.assign(lexer.tokens.links, links);
  return lexer;
}

const inlineMath: TokenizerExtensionFunction = (text, tokens) => {
  const formula = inlineFormula(text, tokens.at(-1)?.raw.at(-1));
  return formula && { type: "formula", ...formula, text: formula.tex };
};

const blockMath =
  (isOpen: boolean): TokenizerExtensionFunction =>
  (text) => {
    const formula = blockFormula(text, isOpen);
    return formula && { type: "formula", ...formula, text: formula.tex };
  };

const footnoteMark: TokenizerExtensionFunction = (text) => {
  const mark = /^\[\^([^\]\s^]{1,40})\](?!\()/.exec(text);
  return mark ? { type: "footnote-mark", raw: mark[0], label: label(mark[1]) } : undefined;
};

/** `[^1]: what it says`, with the lines that follow until an empty one, and after that those that are indented. */
const footnote: TokenizerExtensionFunction = function footnote(text) {
  const head = /^ {0,3}\[\^([^\]\s^]{1,40})\]:[ \t]*/.exec(text);
  if (!head) return undefined;
  let at = head[0].length;
  let isAfterGap = false;
  while (at < text.length) {
    const stop = text.indexOf("\n", at);
    const next = stop < 0 ? text.length : stop + 1;
    const line = text.slice(next, next + 80);
    at = next;
    if (stop < 0) break;
    if (/^[ \t]*(?:\n|$)/.test(line)) isAfterGap = true;
    else if (/^ {0,3}\[\^[^\]\s^]{1,40}\]:/.test(line) || (isAfterGap && !/^(?: {2,}|\t)/.test(line))) break;
    else if (!isAfterGap && /^ {0,3}(?:#{1,6} |[`~]{3}|>)/.test(line)) break;
    else isAfterGap = false;
  }
  const written = text.slice(0, at).trimEnd();
  const raw = text[written.length] === "\n" ? `${written}\n` : written;
  const inner = raw.slice(head[0].length).replace(/^(?: {2,4}|\t)/gm, "");
  return { type: "footnote", raw, label: label(head[1]), tokens: nested(this.lexer, inner) };
};

const details: TokenizerExtensionFunction = function details(text) {
  const found = (depths.get(this.lexer) ?? 0) < DEEPEST ? detailsOf(text) : undefined;
  if (!found) return undefined;
  const summary: Token[] = [];
  this.lexer.inline(found.summary, summary);
  return { type: "details", ...found, summary, tokens: nested(this.lexer, found.text) };
};

/** Deeper ones stay text: nobody writes them, and each costs a reading of all that is within. */
const DEEPEST = 6;
const depths = new WeakMap<Lexer, number>();

function nested(lexer: Lexer, text: string): Token[] {
  const depth = depths.get(lexer) ?? 0;
  depths.set(lexer, depth + 1);
  const isTop = lexer.state.top;
  lexer.state.top = true;
  const tokens = lexer.blockTokens(text, []);
  lexer.state.top = isTop;
  depths.set(lexer, depth);
  return tokens;
}

/** Where within a paragraph a block of ours may begin: it needs no empty line before it. */
function blockStart(text: string): number {
  const end = text.indexOf("\n\n");
  return (end < 0 ? text : text.slice(0, end)).search(/\n {0,3}(?:\$\$|\\\[|\[\^[^\]\s^]{1,40}\]:|<details[\s>])/i);
}

/** The text with its formulas blanked, so that an asterisk within one does not end emphasis around it. */
function masked(text: string): string {
  let out = "";
  let rest = text;
  for (let at = formulaStart(rest); at >= 0; at = formulaStart(rest)) {
    const formula = inlineFormula(rest.slice(at), rest[at - 1] ?? out.at(-1));
    const length = formula?.raw.length ?? (rest[at] === "$" ? 1 : 2);
    out += rest.slice(0, at) + (formula ? "a".repeat(length) : rest.slice(at, at + length));
    rest = rest.slice(at + length);
  }
  return out + rest;
}

function label(text: string | undefined): string {
  return (text ?? "").toLowerCase();
}

function options(isOpen: boolean): MarkedOptions {
  const extensions = {
    renderers: {},
    childTokens: {},
    block: [blockMath(isOpen), footnote, details],
    inline: [inlineMath, footnoteMark],
    startBlock: [blockStart],
    startInline: [formulaStart],
  };
  // The Lexer takes extensions as they are once registered, which its types know from the inside only.
  return {
    gfm: true,
    extensions: extensions as unknown as NonNullable<MarkedOptions["extensions"]>,
    hooks: { emStrongMask: masked } as NonNullable<MarkedOptions["hooks"]>,
  };
}

const growing = options(true);
const whole = options(false);

/** The text of what stands in a line, as one would read it aloud. */
export function plainText(tokens: readonly Token[] | undefined): string {
  return (tokens ?? [])
    .map((token) => {
      const { type, raw, text, tokens: inner } = token as Tokens.Generic;
      if (type === "br" || (type === "html" && /^<br/i.test(raw))) return " ";
      if (type === "footnote-mark") return "";
      return inner ? plainText(inner) : type === "formula" ? raw : String(text ?? raw);
    })
    .join("");
}
