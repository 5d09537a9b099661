import { createGenerator, type UnoGenerator } from "@unocss/core";
import { presetWind3, type Theme } from "@unocss/preset-wind3";

/** The names that shadcn/ui gives to colours, in ours. */
const COLORS: Theme["colors"] = {
  background: "var(--bg)",
  foreground: "var(--ink)",
  card: { DEFAULT: "var(--bg)", foreground: "var(--ink)" },
  popover: { DEFAULT: "var(--bg)", foreground: "var(--ink)" },
  primary: { DEFAULT: "var(--accent)", foreground: "var(--accent-ink)" },
  secondary: { DEFAULT: "var(--bg-3)", foreground: "var(--ink)" },
  muted: { DEFAULT: "var(--bg-3)", foreground: "var(--ink-2)" },
  accent: { DEFAULT: "var(--bg-3)", foreground: "var(--ink)" },
  destructive: { DEFAULT: "var(--bad)", foreground: "var(--bg)" },
  border: "var(--line)",
  input: "var(--line-strong)",
  ring: "var(--accent)",
  ok: "var(--ok)",
  warn: "var(--warn)",
};

let generator: Promise<UnoGenerator<Theme>> | undefined;

/** Utility classes as Tailwind has them, made on the spot. */
window.convoFrame.parts.styles = {
  async generate(classes) {
    generator ??= createGenerator({
      presets: [presetWind3({ dark: { dark: '[data-theme="dark"]' }, preflight: "on-demand" })],
      theme: { colors: COLORS, borderRadius: { sm: "0.25rem", md: "0.375rem", lg: "0.625rem", xl: "0.875rem" } },
    });
    const { css } = await (await generator).generate(new Set(classes), { preflights: true });
    return css;
  },
};
