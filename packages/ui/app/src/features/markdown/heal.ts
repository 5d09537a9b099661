import { inlineFormula, isHalfFormula } from "./formula";

/**
 * Closes what a half-written block leaves open, so that the reader sees the shape the text is growing into and not its
 * punctuation. Takes the raw text of the last block alone; what it returns differs from it only near the end.
 */
export function heal(raw: string): string {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(raw);
  if (fence) return healFence(raw, fence[1] ?? "```");
  const inner = innerFence(raw);
  if (inner !== "") return healFence(raw, inner);
  const text = healTable(dropLonelyMarker(raw));
  const start = inlineStart(text);
  return text.slice(0, start) + healInline(text.slice(start));
}

/** A closing fence arrives one backtick at a time. */
function healFence(raw: string, fence: string): string {
  const lineStart = raw.lastIndexOf("\n") + 1;
  const last = raw.slice(lineStart).replace(/^[ \t>]+/, "");
  const isPart =
    lineStart > 0 && last.length < fence.length && last !== "" && last === (fence[0] ?? "`").repeat(last.length);
  return isPart ? raw.slice(0, lineStart) : raw;
}

/** The fence that is open at the end of a list, a quote or a `<details>`, or nothing. */
function innerFence(raw: string): string {
  let fence = "";
  if (!raw.includes("```") && !raw.includes("~~~")) return fence;
  for (const line of raw.split("\n")) {
    const mark = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark === undefined) continue;
    if (fence === "") fence = mark;
    else if (mark.startsWith(fence) && line.trimEnd().endsWith(mark)) fence = "";
  }
  return fence;
}

/**
 * A last line of nothing but a marker is a list, heading, rule, fence, callout, footnote or tag to be: it would turn the
 * line above into a heading, or flash as the punctuation it is.
 */
function dropLonelyMarker(raw: string): string {
  const lineStart = raw.lastIndexOf("\n") + 1;
  const line = raw.slice(lineStart);
  if (line.length > 80) return raw;
  const isMarker =
    /^[ \t]*(?:[-+*>]|-{2}|={1,2}|#{1,6}|\*{2,3}|_{1,3}|`{1,3}|~{1,3}|[-*+] \[[ xX]?\]?|\[\^[^\]\s]*\]?:?|<\/?[a-zA-Z]*)[ \t]*$/;
  if (isMarker.test(line)) return raw.slice(0, lineStart);
  const half = /^([ \t>]*(?:[-*+][ \t]+)?>[ \t]?)\[!?[A-Za-z]*$/.exec(line);
  return half ? raw.slice(0, lineStart) + (lineStart === 0 ? "" : (half[1] ?? "")) : raw;
}

/** A header row is a table as soon as it is seen, before its delimiter row is complete. */
function healTable(raw: string): string {
  const lines = raw.replace(/\n+$/, "").split("\n");
  const last = lines.at(-1) ?? "";
  const above = lines.at(-2) ?? "";
  const isDelimiter = (line: string) => /^\s*\|?[\s:|-]*$/.test(line) && line.includes("-");
  const isPartOfDelimiter = /^\s*\|[\s:|-]*$/.test(last) && above.trimStart().startsWith("|");
  const columns = (header: string) =>
    Math.max(
      1,
      header
        .trim()
        .replace(/^\||\|$/g, "")
        .split(/(?<!\\)\|/).length,
    );
  const row = (header: string) => `|${" --- |".repeat(columns(header))}`;
  if (isPartOfDelimiter && !lines.slice(0, -2).some(isDelimiter)) {
    const cells = last
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|");
    const isWhole = cells.length === columns(above) && cells.every((cell) => /^\s*:?-+:?\s*$/.test(cell));
    return isWhole ? raw : [...lines.slice(0, -1), row(above)].join("\n");
  }
  if (
    last.trimStart().startsWith("|") &&
    last.trim().length > 1 &&
    !lines.slice(0, -1).some(isDelimiter) &&
    !above.trimStart().startsWith("|")
  ) {
    const header = last.trimEnd();
    return [...lines.slice(0, -1), header.endsWith("|") ? header : `${healInline(header)} |`, row(header)].join("\n");
  }
  return raw;
}

/** Emphasis does not cross a paragraph, a list item, a heading line or a table cell. */
function inlineStart(text: string): number {
  const isTable = text.includes("|") && text.split("\n").some(isTableRule);
  const starts = /\n[ \t]*\n|(?:^|\n)[ \t>]*(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]+(?:\[[ xX]\] )?/g;
  let start = isTable ? text.lastIndexOf("|") + 1 : 0;
  for (const match of text.matchAll(starts)) start = Math.max(start, match.index + match[0].length);
  return start;
}

function isTableRule(line: string): boolean {
  return line.includes("|") && line.includes("-") && /^[\s>:|-]+$/.test(line);
}

interface Opener {
  readonly char: string;
  length: number;
}

function healInline(text: string): string {
  const openers: Opener[] = [];
  let out = "";
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === "$" || (char === "\\" && /[([]/.test(text[at + 1] ?? ""))) {
      const rest = text.slice(at);
      const before = text[at - 1] ?? "";
      const formula = inlineFormula(rest, before);
      if (!formula && isHalfFormula(rest, before)) return finish(out, openers);
      const raw = formula?.raw ?? rest.slice(0, char === "$" ? 1 : 2);
      out += raw;
      at += raw.length;
    } else if (char === "\\") {
      // Alone at the end it may begin a formula.
      if (at + 1 === text.length) return finish(out, openers);
      out += text.slice(at, at + 2);
      at += 2;
    } else if (char === "`") {
      const run = runLength(text, at);
      const close = closingRun(text, at + run, run);
      if (close < 0) {
        const code = text.slice(at + run).replace(/`+$/, "");
        return code.trim() === ""
          ? finish(out, openers)
          : finish(`${out}${text.slice(at, at + run)}${code}${"`".repeat(run)}`, openers);
      }
      out += text.slice(at, close + run);
      at = close + run;
    } else if (char === "[" || (char === "!" && text[at + 1] === "[")) {
      const isImage = char === "!";
      const open = isImage ? at + 1 : at;
      const close = closingBracket(text, open);
      const isMark = text[open + 1] === "^" || text[open + 1] === "!";
      if (close >= 0 && text[close + 1] !== "(" && (close + 1 < text.length || isMark)) {
        out += text.slice(at, open + 1);
        at = open + 1;
      } else if (close >= 0 && text[close + 1] === "(" && closingParenthesis(text, close + 1) >= 0) {
        const end = closingParenthesis(text, close + 1) + 1;
        out += text.slice(at, end);
        at = end;
      } else if (isImage || text[open + 1] === "^") {
        return finish(out, openers);
      } else if (close >= 0) {
        return finish(out + text.slice(open + 1, close), openers);
      } else {
        at = open + 1;
      }
    } else if (char === "*" || char === "_" || char === "~") {
      const run = runLength(text, at);
      const isAtEnd = at + run >= text.length;
      if (char === "~" && run === 1) out += char;
      else if (isAtEnd) {
        if (close(openers, char, run)) out += char.repeat(run);
      } else out += emphasis(text, at, run, openers);
      at += run;
    } else {
      out += char;
      at += 1;
    }
  }
  return finish(out, openers);
}

function emphasis(text: string, at: number, run: number, openers: Opener[]): string {
  const char = text.charAt(at);
  const before = text[at - 1] ?? " ";
  const after = text[at + run] ?? " ";
  const isLeft = !/\s/.test(after);
  const isRight = !/\s/.test(before);
  const isInWord = char === "_" && /[\p{L}\p{N}]/u.test(before) && /[\p{L}\p{N}]/u.test(after);
  if (!isInWord && !(isRight && close(openers, char, run)) && isLeft) openers.push({ char, length: run });
  return char.repeat(run);
}

/** Takes `run` markers off the innermost opener of the same kind; false if they close nothing whole. */
function close(openers: Opener[], char: string, run: number): boolean {
  const index = openers.findLastIndex((opener) => opener.char === char);
  const opener = openers[index];
  if (!opener || run > opener.length || (run < opener.length && opener.length !== 3)) return false;
  opener.length -= run;
  openers.length = opener.length === 0 ? index : index + 1;
  return true;
}

function finish(out: string, openers: readonly Opener[]): string {
  if (openers.length === 0) return out;
  const closers = openers
    .map((opener) => opener.char.repeat(opener.length))
    .reverse()
    .join("");
  return out.trimEnd() + closers;
}

function runLength(text: string, at: number): number {
  let end = at;
  while (text[end] === text[at]) end += 1;
  return end - at;
}

function closingRun(text: string, from: number, run: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] !== "`") continue;
    const length = runLength(text, at);
    if (length === run) return at;
    at += length - 1;
  }
  return -1;
}

function closingBracket(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "[") depth += 1;
    else if (text[at] === "]" && --depth === 0) return at;
  }
  return -1;
}

function closingParenthesis(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "(") depth += 1;
    else if (text[at] === ")" && --depth === 0) return at;
  }
  return -1;
}
