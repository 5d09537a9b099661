import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

/** Shows another address, as a page of its own for the back button or, with `replaces`, instead of this one. */
export function moveTo(path: string, replaces = false): void {
  if (replaces) history.replaceState(history.state, "", path);
  else history.pushState({ isWithin: true }, "", path);
  for (const listener of [...listeners]) listener();
}

/** Whether going back stays within the app. */
export function canGoBack(): boolean {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "isWithin" in state;
}

/** The path in the address bar, as it changes. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("popstate", listener);
  };
}
