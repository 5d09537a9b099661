import { startTransition, useEffect, useState } from "react";

/** What is drawn at once: more than a screen shows. */
const AT_ONCE = 2;

/**
 * How many of `count` things at the beginning are not drawn yet. A long thread opens at its end, so what stands there
 * is drawn first, and the rest above it, one by one, when nothing more urgent is to be done. `key` tells one list from
 * the next.
 */
export function useBacklog(key: string | undefined, count: number): number {
  const [backlog, setBacklog] = useState<{ key: string | undefined; left: number }>();
  const isCounted = backlog?.key === key;
  const left = isCounted ? (backlog?.left ?? 0) : Math.max(0, count - AT_ONCE);
  useEffect(() => {
    if (isCounted && left === 0) return;
    startTransition(() => setBacklog({ key, left: Math.max(0, left - 1) }));
  }, [key, isCounted, left]);
  return left;
}
