import type { Token, Tokens } from "marked";

const kinds = ["note", "tip", "important", "warning", "caution"] as const;

export type CalloutKind = (typeof kinds)[number];

export interface Callout {
  readonly kind: CalloutKind;
  /** What stands behind the kind on its line, if anything does. */
  readonly title: string | undefined;
  readonly tokens: readonly Token[];
}

/** A quote that begins with `[!NOTE]` or one of its siblings, as on GitHub. */
export function calloutOf(quote: Tokens.Generic): Callout | undefined {
  const [first, ...rest] = quote.tokens ?? [];
  const { type, tokens } = (first ?? {}) as Tokens.Generic;
  const [lead, ...inline] = (type === "paragraph" ? tokens : undefined) ?? [];
  if (!first || lead?.type !== "text") return undefined;
  const head = /^\[!(\w+)\][ \t]*([^\n]*)(?:\n|$)/.exec(lead.raw);
  const kind = kinds.find((one) => one === head?.[1]?.toLowerCase());
  if (!head || !kind) return undefined;
  const text = lead.raw.slice(head[0].length);
  if (text === "" && inline[0]?.type === "br") inline.shift();
  const kept = text === "" ? inline : [{ ...lead, raw: text, text }, ...inline];
  const body = kept.length > 0 ? [{ ...first, tokens: kept } as Token] : [];
  return { kind, title: head[2]?.trim() || undefined, tokens: [...body, ...rest] };
}
