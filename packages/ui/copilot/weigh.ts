import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

interface Chunk {
  readonly type: "chunk" | "asset";
  readonly fileName: string;
  readonly name?: string;
  readonly code?: string;
  readonly imports?: readonly string[];
}

/** What Vite asks of a plugin, as far as this one answers. */
interface Plugin {
  readonly name: string;
  generateBundle(this: { error(text: string): never }, options: unknown, bundle: Readonly<Record<string, Chunk>>): void;
}

/**
 * Ends the build when what begins with the chunks of these names, and the file `besides` that was built before, is heavier
 * than so many bytes, gzipped.
 */
export function weigh(what: string, names: readonly string[], most: number, besides?: string): Plugin {
  return {
    name: "weigh",
    generateBundle(_, bundle) {
      const wanted = Object.values(bundle).filter(({ name }) => name !== undefined && names.includes(name));
      const missing = names.filter((name) => !wanted.some((chunk) => chunk.name === name));
      if (missing.length > 0) this.error(`Nothing is called ${missing.join(", ")}: \`weigh\` would weigh too little.`);
      const seen = new Set<string>();
      const take = (name: string): void => {
        if (seen.has(name)) return;
        seen.add(name);
        for (const other of bundle[name]?.imports ?? []) take(other);
      };
      for (const { fileName } of wanted) take(fileName);
      let bytes = besides === undefined ? 0 : weightOf(readFileSync(besides));
      for (const name of seen) bytes += weightOf(bundle[name]?.code ?? "");
      console.log(`${what}: gzip ${(bytes / 1000).toFixed(1)} kB of ${(most / 1000).toFixed(0)} kB`);
      if (bytes > most) this.error(`${what} is too heavy: ${bytes} bytes, gzipped; ${most} are allowed.`);
    },
  };
}

function weightOf(content: string | Uint8Array): number {
  return gzipSync(content, { level: 9 }).length;
}
