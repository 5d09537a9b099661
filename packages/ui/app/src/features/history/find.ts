import type { Finding } from "@convo/client";
import { searchThreads } from "@convo/client/history";
import { useClient } from "@convo/react";
import { useCallback, useEffect, useState } from "react";

/** Somebody types on: milliseconds to wait for that. */
const PAUSE_MS = 140;

interface Found {
  readonly query: string;
  readonly findings: readonly Finding[];
  readonly cursor?: string | undefined;
}

interface Findings {
  readonly status: "searching" | "ready" | "failed";
  /** While another search goes on, those of the one before it. */
  readonly findings: readonly Finding[];
  readonly hasMore: boolean;
  loadMore(): void;
  retry(): void;
}

/** What the history has for `query`; nothing for an empty one. */
export function useFindings(query: string): Findings {
  const client = useClient();
  const [found, setFound] = useState<Found>({ query: "", findings: [] });
  const [failed, setFailed] = useState<string>();
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` tries again
  useEffect(() => {
    setFailed(undefined);
    if (query === "") {
      setFound({ query: "", findings: [] });
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const page = await searchThreads(client, query, { signal: stop.signal });
        setFound({ query, ...page });
      } catch {
        if (!stop.signal.aborted) setFailed(query);
      }
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [client, query, attempt]);

  const loadMore = useCallback(async () => {
    if (found.cursor === undefined) return;
    try {
      const page = await searchThreads(client, found.query, { cursor: found.cursor });
      setFound((now) =>
        now === found ? { ...found, findings: [...found.findings, ...page.findings], cursor: page.cursor } : now,
      );
    } catch {
      setFailed(found.query);
    }
  }, [client, found]);

  return {
    status: failed === query && query !== "" ? "failed" : found.query === query ? "ready" : "searching",
    findings: failed === query && query !== "" ? [] : found.findings,
    hasMore: found.query === query && found.cursor !== undefined,
    loadMore,
    retry: useCallback(() => setAttempt((count) => count + 1), []),
  };
}
