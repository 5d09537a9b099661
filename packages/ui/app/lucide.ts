import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

const INDEX = "virtual:lucide";

/** What Vite asks of a plugin, as far as this one answers. */
interface Plugin {
  readonly name: string;
  resolveId(id: string): string | undefined;
  load(id: string): string | undefined;
  generateBundle(this: Bundle): void;
}

interface Bundle {
  emitFile(file: { type: "asset"; fileName: string; source: string }): string;
}

/** Lucide's signs as modules, one per first letter, so that a sign on the page brings a few kilobytes and not all 1,900. */
export function lucide(): Plugin {
  const folder = join(dirname(createRequire(import.meta.url).resolve("lucide-static/package.json")), "icons");
  const names = () => readdirSync(folder).map((file) => basename(file, ".svg"));
  return {
    name: "lucide",
    /** The names alone, for the server to tell an author of one that there is not. */
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "icons.txt", source: names().sort().join("\n") });
    },
    resolveId: (id) => (id.startsWith(INDEX) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${INDEX}`)) return undefined;
      const letter = id.slice(INDEX.length + 2);
      if (letter === "") {
        const letters = [...new Set(names().map((name) => name.charAt(0)))];
        return `export const letters = {${letters.map((of) => `${of}: () => import("${INDEX}/${of}")`).join(",")}};`;
      }
      const chosen = names().filter((name) => name.startsWith(letter));
      const signs = chosen.map((name) => [name, shapes(readFileSync(join(folder, `${name}.svg`), "utf8"))]);
      return `export const signs = JSON.parse(${JSON.stringify(JSON.stringify(Object.fromEntries(signs)))});`;
    },
  };
}

/** The drawing within an SVG file: tags with their attributes. */
function shapes(svg: string): [string, Record<string, string>][] {
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1);
  return [...inner.matchAll(/<(\w+)((?:\s+[\w-]+="[^"]*")+)\s*\/>/g)].map(([, tag = "", attributes = ""]) => [
    tag,
    Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
  ]);
}
