import { fileURLToPath } from "node:url";

/** What Vite asks of a plugin, as far as this one answers. */
interface Plugin {
  readonly name: string;
  readonly enforce: "pre";
  resolveId(
    this: { resolve(id: string, importer: string | undefined, options: object): Promise<{ id: string } | null> },
    id: string,
    importer: string | undefined,
  ): Promise<{ id: string } | null> | string | undefined;
}

const react = fileURLToPath(new URL("./src/chat/react.ts", import.meta.url));
const INSTEAD: Readonly<Record<string, string>> = {
  react,
  "react-dom": "preact/compat",
  "react-dom/client": "preact/compat/client",
  "react/jsx-runtime": "preact/jsx-runtime",
};

/** Preact where the app's modules import React. Frames, which are built apart, keep React: what others write runs there. */
export function preact(): Plugin {
  return {
    name: "preact",
    enforce: "pre",
    resolveId(id, importer) {
      const instead = Object.hasOwn(INSTEAD, id) ? INSTEAD[id] : undefined;
      if (instead === undefined || importer === undefined) return undefined;
      return instead === react ? react : this.resolve(instead, fileURLToPath(import.meta.url), { skipSelf: true });
    },
  };
}
