import { startTransition, useEffect, useState } from "react";

/** What is drawn at once: more than a screen shows. */
const AT_ONCE = 2;

/**
 * From which on of the things numbered `first` to `last` are drawn. A long thread opens at its end, so what stands there
 * is drawn first, and the rest above it, one by one, when nothing more urgent is to be done; so is what comes before the
 * first later on. `key` tells one list from the next.
 */
export function useBacklog(key: unknown, first: number, last: number): number {
  const [backlog, setBacklog] = useState<{ key: unknown; from: number }>();
  const isCounted = backlog?.key === key;
  const from = Math.max(first, isCounted ? (backlog?.from ?? first) : last - AT_ONCE + 1);
  useEffect(() => {
    if (isCounted && from === first) return;
    startTransition(() => setBacklog({ key, from: Math.max(first, from - 1) }));
  }, [key, isCounted, from, first]);
  return from;
}
