import { fileURLToPath } from "node:url";
import { defaultClientConditions } from "vite";
import { defineConfig } from "vitest/config";
import { frameReact } from "./frame.ts";
import { katexFonts } from "./katex.ts";
import { lucide } from "./lucide.ts";
import { mermaidApart } from "./mermaid.ts";
import { pdfjs } from "./pdfjs.ts";
import { stylesAgain } from "./styles.ts";
import { together } from "./together.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Modules that only parts which come later use, though the packages name them. */
const APART = [here("../client/src/trace.ts"), here("../react/src/trace.ts")];
const core = together(here("./src/main.tsx"), "core", APART);
/** The first that the page asks for itself, and of which the core has its part. */
const talk = together(here("./src/features/thread/Transcript.tsx"), "talk", APART);
/** What frames have in common with the page: in its chunk it would bring them the whole app. */
const shared = { name: "preload", test: /vite\/(preload-helper|modulepreload-polyfill)/, priority: 1 };

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [lucide(), katexFonts(), mermaidApart(), pdfjs(), stylesAgain(), core.plugin, talk.plugin],
  // The server replaces the token by a fresh nonce on every page it serves.
  html: { cspNonce: "{{nonce}}" },
  oxc: { jsx: { runtime: "automatic" as const } },
  // `--mode fake` shows the app on a scripted conversation, without a server.
  resolve: {
    conditions: ["convo-source", ...defaultClientConditions],
    ...(mode === "fake" && {
      alias: { "@convo/react": here("./src/dev/react.tsx"), "@convo/client": here("./src/dev/client.ts") },
    }),
  },
  build: {
    outDir: here(mode === "fake" ? "./.fake" : "../src/convo_ui/static"),
    emptyOutDir: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    // The page, and what is loaded into frames of their own.
    rolldownOptions: {
      input: [here("./index.html"), here("./diagram.html")],
      output: { codeSplitting: { groups: [shared, core.group, talk.group] } },
    },
  },
  // The code of frames: each a script of its own, that the page hands over as text.
  worker: { format: "iife", plugins: () => [frameReact()] },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
}));
