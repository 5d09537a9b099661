import { useSyncExternalStore } from "react";
import { config } from "../../config";

/** Whether the history is open beside the chat is remembered; above it, on a narrow screen, it is opened each time. */
const KEY = "convo:history";
const NARROW = globalThis.matchMedia?.("(max-width: 900px)");

const listeners = new Set<() => void>();
let isBeside = read();
let isAbove = false;

export function setHistoryOpen(isOpen: boolean): void {
  if (NARROW?.matches) isAbove = isOpen;
  else {
    isBeside = isOpen;
    try {
      localStorage.setItem(KEY, isOpen ? "open" : "closed");
    } catch {
      // Without storage it is open again the next time.
    }
  }
  for (const listener of [...listeners]) listener();
}

export function toggleHistory(): void {
  if (config.history) setHistoryOpen(!isOpen());
}

/** Whether the history is open, and whether it lies above the chat. */
export function useHistoryOpen(): { readonly isOpen: boolean; readonly isNarrow: boolean } {
  const open = useSyncExternalStore(subscribe, isOpen);
  const isNarrow = useSyncExternalStore(subscribe, () => NARROW?.matches ?? false);
  return { isOpen: config.history && open, isNarrow };
}

function isOpen(): boolean {
  return NARROW?.matches ? isAbove : isBeside;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  NARROW?.addEventListener("change", listener);
  return () => {
    listeners.delete(listener);
    NARROW?.removeEventListener("change", listener);
  };
}

function read(): boolean {
  try {
    return localStorage.getItem(KEY) !== "closed";
  } catch {
    return true;
  }
}
