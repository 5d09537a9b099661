import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { frameReact } from "./frame.ts";
import { katexFonts } from "./katex.ts";
import { lucide } from "./lucide.ts";
import { mermaidApart } from "./mermaid.ts";
import { pdfjs } from "./pdfjs.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [lucide(), katexFonts(), mermaidApart(), pdfjs()],
  // The server replaces the token by a fresh nonce on every page it serves.
  html: { cspNonce: "{{nonce}}" },
  oxc: { jsx: { runtime: "automatic" as const } },
  // `--mode fake` shows the app on a scripted conversation, without a server.
  resolve:
    mode === "fake"
      ? { alias: { "@convo/react": here("./src/dev/react.tsx"), "@convo/client": here("./src/dev/client.ts") } }
      : {},
  build: {
    outDir: here(mode === "fake" ? "./.fake" : "../src/convo_ui/static"),
    emptyOutDir: true,
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    // The page, and what is loaded into frames of their own.
    rolldownOptions: { input: [here("./index.html"), here("./diagram.html")] },
  },
  // The code of frames: each a script of its own, that the page hands over as text.
  worker: { format: "iife", plugins: () => [frameReact()] },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
}));
