import { fileURLToPath } from "node:url";
import { defaultClientConditions, defineConfig } from "vite";
import { frameReact } from "../app/frame.ts";
import { katexFonts } from "../app/katex.ts";
import { lucide } from "../app/lucide.ts";
import { mermaidApart } from "../app/mermaid.ts";
import { pdfjs } from "../app/pdfjs.ts";
import { together } from "../app/together.ts";
import { later } from "./later.ts";
import { preact } from "./preact.ts";
import { shadowStyles, shadowTokens } from "./shadow.ts";
import { weigh } from "./weigh.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const outDir = here("../src/convo_ui/static");

/** The script that a page has in it: a button, and the way to the rest. */
const script = {
  plugins: [shadowTokens(), weigh("The copilot's script", ["index"], 15_000)],
  build: {
    outDir,
    emptyOutDir: false,
    sourcemap: false,
    copyPublicDir: false,
    lib: {
      entry: { index: here("./src/script.ts") },
      formats: ["iife" as const],
      name: "convoCopilot",
      fileName: () => "copilot/index.js",
    },
  },
};

/** What a chat can begin without. */
const rare = later({
  "../app/src/features/ask/FileAnswer.tsx": ["FileAnswer"],
  "../app/src/features/markdown/Citation.tsx": ["Citation"],
  "../app/src/features/markdown/Footnotes.tsx": ["Footnotes", "NoteMark"],
  "../app/src/features/markdown/Picture.tsx": ["Picture"],
  "../app/src/features/markdown/Table.tsx": ["Table"],
  "../app/src/features/step/Trace.tsx": ["Trace"],
  "../app/src/features/turn/Versions.tsx": ["Versions"],
});
/** Modules that only those parts use, though the packages name them. */
const APART = [here("../client/src/trace.ts"), here("../react/src/trace.ts")];
const core = together(here("./src/chat/chat.tsx"), "core", APART);

/** The chat that it opens. React's API is Preact's here, which is a tenth of its weight. */
const chat = {
  base: "./",
  plugins: [
    preact(),
    lucide(),
    katexFonts(),
    mermaidApart(),
    pdfjs(),
    shadowStyles(),
    rare,
    core.plugin,
    weigh("The copilot, open", ["chat"], 120_000, `${outDir}/copilot/index.js`),
  ],
  oxc: { jsx: { runtime: "automatic" as const } },
  resolve: { conditions: ["convo-source", ...defaultClientConditions] },
  build: {
    outDir,
    emptyOutDir: false,
    sourcemap: false,
    copyPublicDir: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    modulePreload: false as const, // links to what comes would stand in the page around the widget
    rolldownOptions: {
      input: { chat: here("./src/chat/chat.tsx") },
      preserveEntrySignatures: "strict" as const,
      output: {
        entryFileNames: "copilot/[name].js",
        chunkFileNames: "assets/[name]-[hash].js",
        codeSplitting: { groups: [core.group] },
      },
    },
  },
  worker: { format: "iife" as const, plugins: () => [frameReact()] },
};

export default defineConfig(({ mode }) => ({ root: here("."), ...(mode === "script" ? script : chat) }));
