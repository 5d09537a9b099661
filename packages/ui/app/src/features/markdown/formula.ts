/** A formula as it is written in Markdown. */
export interface Written {
  /** With its delimiters. */
  readonly raw: string;
  readonly tex: string;
  readonly isDisplay: boolean;
}

/** Longer formulas stay text: nobody writes them, and looking for their end would cost. */
const INLINE_LIMIT = 1_000;
const BLOCK_LIMIT = 10_000;
/** Until there is no doubt that it is none, a half-written formula is hidden; this many characters are doubt enough. */
const PATIENCE = 240;

const pairs: readonly (readonly [open: string, close: string, isDisplay: boolean])[] = [
  ["$$", "$$", true],
  ["\\[", "\\]", true],
  ["\\(", "\\)", false],
  ["$", "$", false],
];

/** The formula `text` begins with, within a line of text. `before` is the character it follows. */
export function inlineFormula(text: string, before = ""): Written | undefined {
  const pair = pairs.find(([open]) => text.startsWith(open));
  if (!pair) return undefined;
  const [open, close, isDisplay] = pair;
  const end = open === "$" ? dollarEnd(text, before) : closing(text.slice(0, INLINE_LIMIT), open.length, close);
  if (end < 0) return undefined;
  const raw = text.slice(0, end + close.length);
  const tex = raw.slice(open.length, end).trim();
  if (tex === "" || /\n[ \t]*\n/.test(raw) || tex.includes("`")) return undefined;
  if (open.startsWith("\\") && (isProse(tex) || text[raw.length] === "(")) return undefined;
  if (open === "\\[" && /^[\d\s,;–-]+$/.test(tex)) return undefined;
  return { raw, tex, isDisplay };
}

/**
 * The formula on lines of its own that `text` begins with. It ends before the first empty line at the latest.
 * `isOpen`: more is to come, so one that reaches the end of the text without being closed is one too, with `isHalf`.
 */
export function blockFormula(text: string, isOpen: boolean): (Written & { readonly isHalf: boolean }) | undefined {
  const start = /^ {0,3}(\$\$|\\\[)/.exec(text);
  if (!start) return undefined;
  const open = start[1] === "$$" ? "$$" : "\\[";
  const close = open === "$$" ? "$$" : "\\]";
  const from = start[0].length;
  const limited = text.slice(0, BLOCK_LIMIT);
  const gap = /\n[ \t]*\n/.exec(limited.slice(from));
  const body = gap ? limited.slice(0, from + gap.index) : limited;
  const end = closing(body, from, close);
  if (end < 0) {
    if (!isOpen || gap || body.length < text.length || /^\\\[[^\n]*\\\]/.test(body.trimStart())) return undefined;
    const tex = body.slice(from);
    return isLikely(tex) ? { raw: text, tex, isDisplay: true, isHalf: true } : undefined;
  }
  const tex = body.slice(from, end).trim();
  if (tex === "" || tex.includes("`")) return undefined;
  if (open === "\\[" && (isProse(tex) || /^[\d\s,;–-]+$/.test(tex) || body[end + 2] === "(")) return undefined;
  // What ends the sentence stands beside the formula, not alone on a line below it.
  const rest = /^([.,;:]?)[ \t]*(?:\n|$)/.exec(body.slice(end + 2));
  const raw = body.slice(0, end + 2 + (rest?.[0].length ?? 0));
  return { raw, tex: rest?.[1] ? `${tex}\\,\\text{${rest[1]}}` : tex, isDisplay: true, isHalf: false };
}

/** Where a formula may begin in `text`, or -1. */
export function formulaStart(text: string): number {
  const dollar = text.indexOf("$");
  const slash = /\\[[(]/.exec(text)?.index ?? -1;
  return dollar < 0 ? slash : slash < 0 ? dollar : Math.min(dollar, slash);
}

/** Whether `text` begins a formula whose end is still to come, as far as one can tell. */
export function isHalfFormula(text: string, before: string): boolean {
  if (text === "$" || text === "$$") return !/[\p{L}\p{N}]/u.test(before);
  if (text.length > PATIENCE || text.includes("`")) return false;
  if (text.startsWith("$$") || text.startsWith("\\(") || text.startsWith("\\[")) return !isProse(text.slice(2));
  const rest = text.slice(1);
  if (/[\p{L}\p{N}$\\]/u.test(before) || /^[\s\d.,;:!?)]/.test(rest) || rest.includes("\n")) return false;
  return /[\\^_={}]/.test(rest) || !/^[A-Za-z]{4}|[A-Za-z]{3}\s+[A-Za-z]{2}/.test(rest);
}

function closing(text: string, from: number, close: string): number {
  let at = text.indexOf(close, from);
  while (at >= 0 && isEscaped(text, at)) at = text.indexOf(close, at + 1);
  return at;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text[at - 1 - slashes] === "\\") slashes += 1;
  return slashes % 2 === 1;
}

/**
 * The end of what stands between single dollars, if it is no price and no shell variable: no space inside the dollars, no
 * letter or digit around them, and nothing that reads like "$5 for one and 6$".
 */
function dollarEnd(text: string, before: string): number {
  if (/[\p{L}\p{N}$\\]/u.test(before) || /^\$[\s$]/.test(text)) return -1;
  const line = text.slice(0, INLINE_LIMIT).split("\n", 1)[0] ?? "";
  let end = line.indexOf("$", 1);
  while (end >= 0 && isEscaped(line, end)) end = line.indexOf("$", end + 1);
  if (end < 0) return -1;
  const tex = line.slice(1, end);
  const after = line[end + 1] ?? "";
  if (/[\s/:,\-(]$/.test(tex) || /[\d$]/.test(after)) return -1;
  if (/\p{L}/u.test(after) && !/^[A-Za-z]$|[\\^_]/.test(tex)) return -1;
  const isPrice = /^\d/.test(tex) && /[A-Za-z]{2}/.test(tex) && !/[\\^_={}]/.test(tex);
  return isPrice || isProse(tex) ? -1 : end;
}

/** Words, and nothing a formula would have. */
function isProse(tex: string): boolean {
  return !/[\\^_={}+<>|*/]/.test(tex) && /[\p{L}’']{3,}[\s,.;:!?]+[\p{L}’']{2,}/u.test(tex);
}

function isLikely(tex: string): boolean {
  return tex.length < BLOCK_LIMIT && !tex.includes("`") && !isProse(tex.slice(0, PATIENCE));
}
