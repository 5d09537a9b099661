import { defineConfig } from "vite";

export default defineConfig({
  // `npm run dev` shows the page on Vite's port; the chat behind it is the one of `hypercorn app:site`.
  server: { proxy: { "/chat": { target: "http://127.0.0.1:8000", ws: true } } },
});
