/** A part of a text that opens and closes, as it is written in Markdown. */
export interface Written {
  /** With its tags. */
  readonly raw: string;
  readonly summary: string;
  /** Where in `raw` the text within begins, and that text. */
  readonly from: number;
  readonly text: string;
  readonly isShown: boolean;
}

const HEAD = /^ {0,3}<details(\s+open(?:="[^"\n]{0,20}")?)?\s{0,20}>[ \t]*\n?/i;
const SUMMARY = /^[ \t]*<summary>([\s\S]{0,500}?)(?:<\/summary>[ \t]*\n?|(?=\n[ \t]*\n)|$)/i;

/**
 * The `<details>` that `text` begins with. They are the one element of HTML that is shown as more than its text, and
 * only what is read here is taken from it. One that is not closed reaches to the end, as in browsers.
 */
export function detailsOf(text: string): Written | undefined {
  const head = HEAD.exec(text);
  if (!head) return undefined;
  const summary = SUMMARY.exec(text.slice(head[0].length));
  const from = head[0].length + (summary?.[0].length ?? 0);
  const [end, next] = endOf(text, from);
  return {
    raw: text.slice(0, next),
    summary: (summary?.[1] ?? "").trim(),
    from,
    text: text.slice(from, end),
    isShown: head[1] !== undefined,
  };
}

/** Where the element's text ends and what follows begins. Tags within code do not count. */
function endOf(text: string, from: number): readonly [end: number, next: number] {
  let depth = 1;
  let fence = "";
  let at = from;
  while (at < text.length) {
    const stop = text.indexOf("\n", at);
    const next = stop < 0 ? text.length : stop + 1;
    const line = text.slice(at, Math.min(next, at + 2_000));
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence !== "") {
      if (mark?.startsWith(fence) && line.trim() === mark) fence = "";
    } else if (mark !== undefined) fence = mark;
    else {
      for (const tag of line.matchAll(/<(\/?)details\b[^<>]{0,100}>/gi)) {
        depth += tag[1] === "" ? 1 : -1;
        if (depth > 0) continue;
        const rest = at + tag.index + tag[0].length;
        return [at + tag.index, text.slice(rest, next).trim() === "" ? next : rest];
      }
    }
    at = next;
  }
  return [text.length, text.length];
}
