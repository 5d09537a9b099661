import { type Ask, usePendingAsks } from "@convo/react";

/** The question that is answered by what is written in the message box. */
export function useWritten(): Ask | undefined {
  return usePendingAsks().findLast(({ type }) => type === "text");
}

/** The question that files answer which are dropped anywhere. */
export function useGiven(): Ask | undefined {
  return usePendingAsks().findLast(({ type }) => type === "file");
}
