import hljs from "highlight.js/lib/common";

/** A piece of code: plain, or of a kind (`hl-keyword`) with pieces inside. */
export type Shade = string | { readonly kind: string; readonly parts: readonly Shade[] };

/** `code` as shades, or nothing if the language is not known. Never throws. */
export function highlight(code: string, language: string): readonly Shade[] | undefined {
  if (!hljs.getLanguage(language)) return undefined;
  try {
    // The tree behind the HTML, so that nothing has to be parsed or trusted.
    const result: unknown = hljs.highlight(code, { language, ignoreIllegals: true });
    const root = field(field(result, "_emitter"), "root");
    return root === undefined ? undefined : parts(root);
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function parts(node: unknown): readonly Shade[] {
  const children = field(node, "children");
  if (!Array.isArray(children)) return [];
  return children.flatMap((child: unknown): readonly Shade[] => {
    if (typeof child === "string") return [child];
    const scope = field(child, "scope");
    const inner = parts(child);
    return typeof scope === "string" ? [{ kind: `hl-${scope.split(".")[0]}`, parts: inner }] : inner;
  });
}
