import type { ConvoClient } from "@convo/client";
import { listFavourites } from "@convo/client/history";
import { useClient } from "@convo/react";
import { useCallback, useEffect, useRef, useState } from "react";

/** Something to say again. */
export interface Favourite {
  readonly id: string;
  readonly text: string;
}

export interface Favourites {
  /** Those of this thread first, as it stands, then those of the others as far as they are loaded. Each text once. */
  readonly list: readonly Favourite[];
  readonly status: "idle" | "loading" | "ready" | "failed";
  load(): Promise<readonly Favourite[]>;
  loadMore(): void;
}

/** A person's favourites in all his threads, by pages. */
export function useFavourites(): Favourites {
  const client = useClient();
  const [pages, setPages] = useState<Pages>({ status: "idle", found: [] });
  const request = useRef<AbortController>(undefined);
  useEffect(() => () => request.current?.abort(), []);

  const read = useCallback(
    async (before: readonly Favourite[], cursor: string | undefined) => {
      request.current?.abort();
      const stop = new AbortController();
      request.current = stop;
      setPages({ status: "loading", found: before });
      try {
        const page = await listFavourites(client, { cursor, signal: stop.signal });
        const found = [...before, ...page.favourites.filter(isElsewhere(client)).map(toFavourite)];
        setPages({ status: "ready", found, cursor: page.cursor });
        return joined(client, found);
      } catch {
        if (!stop.signal.aborted) setPages({ status: "failed", found: before });
        return joined(client, before);
      }
    },
    [client],
  );

  return {
    list: joined(client, pages.found),
    status: pages.status,
    load: useCallback(() => read([], undefined), [read]),
    loadMore: useCallback(() => {
      if (pages.status === "ready" && pages.cursor !== undefined) void read(pages.found, pages.cursor);
    }, [read, pages]),
  };
}

interface Pages {
  readonly status: Favourites["status"];
  readonly found: readonly Favourite[];
  readonly cursor?: string | undefined;
}

interface Listed {
  readonly stepId: string;
  readonly text: string;
}

/** What this tab knows itself is as it stands here: it may not be stored yet. */
function isElsewhere(client: ConvoClient): (one: Listed) => boolean {
  return ({ stepId, text }) => text !== "" && client.step(stepId) === undefined;
}

function toFavourite({ stepId, text }: Listed): Favourite {
  return { id: stepId, text };
}

function joined(client: ConvoClient, others: readonly Favourite[]): readonly Favourite[] {
  const here = client.favourites().map(({ id, output }) => ({ id, text: output }));
  const seen = new Set<string>();
  return [...here, ...others].filter(({ text }) => !seen.has(text) && seen.add(text));
}
