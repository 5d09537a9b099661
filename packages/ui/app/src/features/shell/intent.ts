import { useEffect } from "react";

/** What is opened by a button of its own, and from elsewhere too. */
export type Intent = "settings" | "mcp" | "readme" | "keys" | "palette" | "shortcuts" | "favourites";

const takers = new Map<Intent, () => void>();

/** Opens it, if it is on the page. */
export function intend(intent: Intent): void {
  takers.get(intent)?.();
}

/** `open` is called when somebody intends it. */
export function useIntent(intent: Intent, open: () => void): void {
  useEffect(() => {
    takers.set(intent, open);
    return () => {
      if (takers.get(intent) === open) takers.delete(intent);
    };
  }, [intent, open]);
}
