import { useSyncExternalStore } from "react";
import { surface } from "../../ui/surface";

const listeners = new Set<() => void>();

/** Shows another address, as a page of its own for the back button or, with `replaces`, instead of this one. */
export function moveTo(path: string, replaces = false): void {
  surface.moveTo(path, replaces);
  for (const listener of [...listeners]) listener();
}

/** Whether going back stays within the app. */
export function canGoBack(): boolean {
  if (!surface.isPage) return false;
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && "isWithin" in state;
}

/** The path in the address bar, as it changes. */
export function usePath(): string {
  return useSyncExternalStore(subscribe, () => surface.path);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  const stop = surface.onMoved(listener);
  return () => {
    listeners.delete(listener);
    stop();
  };
}
