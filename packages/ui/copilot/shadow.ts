import { fileURLToPath } from "node:url";

/** What Vite asks of a plugin, as far as this one answers. */
interface Plugin {
  readonly name: string;
  readonly enforce: "pre";
  resolveId(
    this: { resolve(id: string, importer: string, options: object): Promise<{ id: string } | null> },
    id: string,
    importer: string | undefined,
  ): Promise<string | undefined> | undefined;
  load(id: string): string | undefined;
  transform(code: string, id: string): string | undefined;
}

const WORN = "\0worn:";
const wear = fileURLToPath(new URL("./src/chat/wear.ts", import.meta.url));

/** The app's styles as styles of a shadow root: they come with its modules, and never reach the page around it. */
export function shadowStyles(): Plugin {
  return {
    name: "shadow-styles",
    enforce: "pre",
    resolveId(id, importer) {
      if (!id.endsWith(".css") || importer === undefined || importer.startsWith(WORN)) return undefined;
      return this.resolve(id, importer, { skipSelf: true }).then((found) =>
        found === null ? undefined : `${WORN}${found.id}.js`,
      );
    },
    load: (id) => {
      if (!id.startsWith(WORN)) return undefined;
      const path = JSON.stringify(`${id.slice(WORN.length, -".js".length)}?inline`);
      return `import css from ${path};\nimport { wear } from ${JSON.stringify(wear)};\nwear(css);`;
    },
    transform: (code, id) => (id.endsWith(".css?inline") ? forShadow(code) : undefined),
  };
}

/** The same for the tokens alone, which the script brings for its button and for the chat. */
export function shadowTokens(): Pick<Plugin, "name" | "enforce" | "transform"> {
  return {
    name: "shadow-tokens",
    enforce: "pre",
    transform: (code, id) => (id.endsWith("/tokens.css?inline") ? forShadow(code) : undefined),
  };
}

/** Pixels of a `rem` in the widget: the page around it may have another. */
const REM = 16;

/**
 * A stylesheet of a page as one for a part of a page: the root is `.widget-root`, `rem` is the widget's own, every token
 * can be set from outside as `--convo-…`, and what depends on the width of the page depends on that of the widget.
 */
export function forShadow(css: string): string {
  const rooted = css
    .replace(/:root\b/g, ".widget-root")
    .replace(/(^|[\s,}])html(?=[\s,{])/g, "$1.widget-root")
    .replace(/(\d*\.?\d+)rem\b/g, (_, number: string) => `${Number((Number(number) * REM).toFixed(3))}px`);
  return contained(themed(rooted));
}

/** Tokens, in the rules that are for the root alone. */
function themed(css: string): string {
  return css.replace(
    /(^|[\n{}])(\s*)((?:\.widget-root|\[data-theme="dark"\])[^{},]*)\{([^{}]*)\}/g,
    (_, start: string, space: string, of: string, body: string) => {
      const tokens = body.replace(/--([\w-]+):\s*([^;]+);/g, "--$1: var(--convo-$1, $2);");
      return `${start}${space}${of}{${tokens}}`;
    },
  );
}

/** Queries of the page's width as queries of the container's; beside others, the rules stand once for each. */
function contained(css: string): string {
  let result = "";
  let at = 0;
  for (;;) {
    const start = css.indexOf("@media", at);
    if (start < 0) return result + css.slice(at);
    const open = css.indexOf("{", start);
    const end = closing(css, open);
    const queries = css
      .slice(start + "@media".length, open)
      .split(",")
      .map((query) => query.trim());
    const body = css.slice(open, end + 1);
    result += css.slice(at, start);
    for (const query of queries) result += `@${isOfWidth(query) ? "container page" : "media"} ${query} ${body}\n`;
    at = end + 1;
  }
}

function isOfWidth(query: string): boolean {
  return /^\((?:min|max)-width:[^)]*\)$/.test(query);
}

function closing(css: string, open: number): number {
  let depth = 0;
  for (let at = open; at < css.length; at++) {
    if (css[at] === "{") depth++;
    else if (css[at] === "}" && --depth === 0) return at;
  }
  throw new Error("A block of a stylesheet does not end.");
}
