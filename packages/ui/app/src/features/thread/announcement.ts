import { useSyncExternalStore } from "react";
import { aloud } from "../markdown/aloud";

const LENGTH = 600;
const listeners = new Set<() => void>();
let current = "";

/** Says something once to people who listen to the page, when they are not being told something else. */
export function announce(text: string): void {
  const spoken = aloud(text);
  current = spoken.length > LENGTH ? `${spoken.slice(0, LENGTH)}…` : spoken;
  for (const listener of listeners) listener();
}

export function useAnnouncement(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
