import { useSyncExternalStore } from "react";
import { config } from "../../config";
import { surface } from "../../ui/surface";

export type Theme = "light" | "dark" | "system";

const KEY = "convo:theme"; // also read before the first paint, in index.html
const ORDER: readonly Theme[] = ["system", "light", "dark"];
const listeners = new Set<() => void>();

function stored(): Theme {
  try {
    const value = surface.local.getItem(KEY);
    return value === "light" || value === "dark" || value === "system" ? value : config.theme;
  } catch {
    return config.theme;
  }
}

function paint(): void {
  if (!surface.isPage) return; // the page around it decides
  const theme = stored();
  const isDark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  surface.frame.dataset.theme = isDark ? "dark" : "light";
  const meta = document.querySelector<HTMLMetaElement>('meta[name="theme-color"]');
  if (meta) meta.content = getComputedStyle(surface.frame).backgroundColor;
}

/** Paints the page by what is chosen now, and tells who shows it. */
export function repaint(): void {
  paint();
  for (const listener of listeners) listener();
}

/** Follows the system and other tabs for as long as the page lives. */
export function watchTheme(): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  addEventListener("storage", (event) => event.key === KEY && repaint());
  paint();
}

export function nextTheme(theme: Theme): Theme {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? "system";
}

export function setTheme(theme: Theme): void {
  try {
    surface.local.setItem(KEY, theme);
  } catch {
    return;
  }
  repaint();
}

export function useTheme(): Theme {
  return useSyncExternalStore(listen, stored);
}

/** Light or dark, as the page is painted. */
export function useTone(): string {
  return useSyncExternalStore(listen, () => surface.frame.dataset.theme ?? "light");
}

/** The address of the app's sign in this tone; empty without one. */
export function useSign(): string {
  return useSyncExternalStore(listen, () =>
    surface.frame.dataset.theme === "dark" ? config.logo.dark : config.logo.light,
  );
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
