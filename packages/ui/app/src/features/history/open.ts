import { useSyncExternalStore } from "react";
import { config } from "../../config";
import { isNarrow, onNarrow, surface } from "../../ui/surface";

/** Whether the history is open beside the chat is remembered; above it, on a narrow screen, it is opened each time. */
const KEY = "convo:history";

const listeners = new Set<() => void>();
/** What the reader has chosen; until he does, the app's setting holds. */
let chosen = read();
let isAbove = false;

export function setHistoryOpen(isOpen: boolean): void {
  if (isNarrow()) isAbove = isOpen;
  else {
    chosen = isOpen;
    try {
      surface.local.setItem(KEY, isOpen ? "open" : "closed");
    } catch {
      // Without storage it is open again the next time.
    }
  }
  showHistory();
}

export function toggleHistory(): void {
  if (config.history) setHistoryOpen(!isOpen());
}

/** Whether the history is open, and whether it lies above the chat. */
export function useHistoryOpen(): { readonly isOpen: boolean; readonly isNarrow: boolean } {
  const open = useSyncExternalStore(subscribe, isOpen);
  return { isOpen: config.history && open, isNarrow: useSyncExternalStore(subscribe, isNarrow) };
}

function isOpen(): boolean {
  return isNarrow() ? isAbove : (chosen ?? config.isSidebarOpen);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  const stop = onNarrow(listener);
  return () => {
    listeners.delete(listener);
    stop();
  };
}

/** Asks whoever shows the history to look again, as after the app's settings have changed. */
export function showHistory(): void {
  for (const listener of [...listeners]) listener();
}

function read(): boolean | undefined {
  try {
    const kept = surface.local.getItem(KEY);
    return kept === null ? undefined : kept !== "closed";
  } catch {
    return undefined;
  }
}
