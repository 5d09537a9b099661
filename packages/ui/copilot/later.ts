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
  buildEnd(this: { error(text: string): never }, error?: Error): void;
}

const LATER = "\0later:";
const lazily = fileURLToPath(new URL("../app/src/ui/later.ts", import.meta.url));

/**
 * Components that come when the first of them is shown, without a word of that where they are used. By the modules they
 * are in, as paths beside this one, their names; what else is in those modules cannot be imported.
 */
export function later(components: Readonly<Record<string, readonly string[]>>): Plugin {
  const names = new Map(
    Object.entries(components).map(([path, names]) => [fileURLToPath(new URL(path, import.meta.url)), names]),
  );
  const parts = [...names.keys()].map((path) => path.slice(path.lastIndexOf("/") + 1).replace(/\.tsx$/, ""));
  const seen = new Set<string>();
  return {
    name: "later",
    enforce: "pre",
    resolveId(id, importer) {
      if (importer === undefined || importer.startsWith(LATER) || !parts.some((part) => id.endsWith(part)))
        return undefined;
      return this.resolve(id, importer, { skipSelf: true }).then((found) => {
        if (found === null || !names.has(found.id)) return undefined;
        seen.add(found.id);
        return `${LATER}${found.id}.js`;
      });
    },
    load(id) {
      if (!id.startsWith(LATER)) return undefined;
      const path = id.slice(LATER.length, -".js".length);
      return source(path, names.get(path) ?? []);
    },
    buildEnd(error) {
      const missing = [...names.keys()].filter((path) => !seen.has(path));
      if (error === undefined && missing.length > 0) this.error(`Nothing imports ${missing.join(", ")}: take it off.`);
    },
  };
}

function source(path: string, names: readonly string[]): string {
  const load = `import(${JSON.stringify(path)})`;
  return [
    'import { createElement, Suspense } from "react";',
    `import { later } from ${JSON.stringify(lazily)};`,
    "const shown = (part) => (props) => createElement(Suspense, null, createElement(part, props));",
    ...names.map((name) => `export const ${name} = shown(later(() => ${load}.then((module) => module.${name})));`),
  ].join("\n");
}
