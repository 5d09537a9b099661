interface Module {
  readonly importedIds: readonly string[];
}

/** What Vite asks of a plugin, as far as this one answers. */
interface Plugin {
  readonly name: string;
  buildEnd(this: { getModuleInfo(id: string): Module | null }): void;
}

/** A group of modules, as the bundler takes it for `codeSplitting`. */
interface Group {
  readonly name: (id: string) => string | null;
  readonly debugName: string;
}

/** All that a module needs at once, in one chunk, but for what is `apart`: one file is smaller than many, gzipped. */
export function together(entry: string, chunk: string, apart: readonly string[]): { plugin: Plugin; group: Group } {
  const needed = new Set<string>();
  return {
    plugin: {
      name: "together",
      buildEnd() {
        const take = (id: string): void => {
          if (needed.has(id) || apart.includes(id)) return;
          needed.add(id);
          for (const other of this.getModuleInfo(id)?.importedIds ?? []) take(other);
        };
        take(entry);
        needed.delete(entry);
      },
    },
    group: { name: (id) => (needed.has(id) ? chunk : null), debugName: chunk },
  };
}
