/** What Vite asks of a plugin, as far as this one answers. */
interface Plugin {
  readonly name: string;
  readonly enforce: "pre";
  resolveId(
    this: { resolve(id: string, importer: string): Promise<{ id: string } | null> },
    id: string,
    importer: string | undefined,
  ): Promise<string | undefined> | undefined;
}

/** Gives Mermaid a copy of marked for itself. Shared, the page would load the parts of it that only Mermaid uses. */
export function mermaidApart(): Plugin {
  return {
    name: "mermaid-apart",
    enforce: "pre",
    resolveId(id, importer) {
      if (id !== "marked" || !importer?.includes("/mermaid/")) return undefined;
      return this.resolve(id, importer).then((found) => (found ? `${found.id}?apart` : undefined));
    },
  };
}
