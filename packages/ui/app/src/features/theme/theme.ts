import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark" | "system";

const KEY = "convo:theme"; // also read before the first paint, in index.html
const ORDER: readonly Theme[] = ["system", "light", "dark"];
const listeners = new Set<() => void>();

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

function paint(): void {
  const theme = stored();
  const isDark = theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
  const meta = document.querySelector<HTMLMetaElement>('meta[name="theme-color"]');
  if (meta) meta.content = getComputedStyle(document.documentElement).backgroundColor;
}

/** Follows the system and other tabs for as long as the page lives. */
export function watchTheme(): void {
  const refresh = () => {
    paint();
    for (const listener of listeners) listener();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh);
  addEventListener("storage", (event) => event.key === KEY && refresh());
  paint();
}

export function nextTheme(theme: Theme): Theme {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length] ?? "system";
}

export function setTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    return;
  }
  paint();
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore(listen, stored);
}

/** Light or dark, as the page is painted. */
export function useTone(): string {
  return useSyncExternalStore(listen, () => document.documentElement.dataset.theme ?? "light");
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
