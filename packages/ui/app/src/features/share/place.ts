import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let shared: string | undefined;

/** Opens the window in which a thread is shared; without one, closes it. */
export function shareThread(threadId: string | undefined): void {
  shared = threadId;
  for (const listener of [...listeners]) listener();
}

/** The thread whose window is open. */
export function useSharedThread(): string | undefined {
  return useSyncExternalStore(subscribe, () => shared);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
